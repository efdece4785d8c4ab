package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command on another host. */
final class RemoteProcess implements RunningCommand {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteProcess.class);

  /** How long to wait for the process id of a command that was only just started. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** How long a grandchild that outlives its parent may hold up the last words. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final ExecChannel channel;
  private final LongConsumer ender;
  private final OutputStream stdin;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param ender ends the remote process group of that id, and returns when it is gone
   * @param lost makes the exception for writing into a connection that is gone
   */
  RemoteProcess(ExecChannel channel, LongConsumer ender, Supplier<ConnectionLostException> lost) {
    this.channel = channel;
    this.ender = ender;
    this.stdin = new RemoteStdin(channel, lost);
  }

  @Override
  public OutputStream stdin() {
    return stdin;
  }

  @Override
  public InputStream stdout() {
    return channel.output();
  }

  @Override
  public String errorTail() {
    return channel.errors().toString();
  }

  @Override
  public int waitFor() throws InterruptedException {
    try {
      return channel.end().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ConnectionLostException lost
          ? lost
          : new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      if (!channel.end().isDone() && channel.getSession().isOpen()) {
        endRemotely();
      }
      channel.output().close();
    } catch (IOException e) {
      LOG.debug("{} did not end in order: {}", channel, e.getMessage());
    } finally {
      channel.close(false);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void endRemotely() {
    OptionalLong pid =
        channel.statusSoFar().isPresent()
            ? OptionalLong.empty()
            : quietly(channel.errors().pid(), PATIENCE);
    announceEnd();
    if (channel.statusSoFar().isEmpty()) {
      pid.ifPresent(ender);
    }
    quietly(channel.end(), LAST_WORDS);
  }

  /** The server may close the channel at once, and the command go on. */
  private void announceEnd() {
    try {
      channel.refuseOutput(); // a writer that heeds that ends in order
      channel.requestTermination();
    } catch (IOException e) {
      LOG.debug("{} was closed already: {}", channel, e.getMessage());
    }
  }

  private static <T extends Number> OptionalLong quietly(
      CompletableFuture<T> future, Duration longest) {
    try {
      return OptionalLong.of(future.get(longest.toMillis(), TimeUnit.MILLISECONDS).longValue());
    } catch (ExecutionException | TimeoutException | CancellationException e) {
      return OptionalLong.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }
}
