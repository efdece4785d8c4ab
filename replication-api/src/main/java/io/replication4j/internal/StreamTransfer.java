package io.replication4j.internal;

import com.google.common.util.concurrent.RateLimiter;
import io.replication4j.ReplicationException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.spi.StallWatch;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Moves one stream from a sending to a receiving command, through this JVM. Reads both exit
 * statuses; a broken connection is told from an end of file. Memory is one buffer. A thread of its
 * own moves the bytes, and ends before {@link #run} returns: {@link StallWatch}.
 */
final class StreamTransfer {

  /** As much as a Linux pipe takes at once at best; larger reads only cost cache. */
  private static final int BUFFER = 256 << 10;

  /** Starts one end of the stream. */
  interface Start {
    RunningCommand start() throws InterruptedException;
  }

  /** Starts the other end, which says how much of the stream it found there. */
  interface StartReceiver {
    RunningCommand start(LongConsumer found) throws InterruptedException;
  }

  /** Hears how far the stream has come: what was moved, and what did not have to be. */
  interface Progress {
    void at(long bytes, long found);
  }

  private final Start startSender;
  private final StartReceiver startReceiver;
  private final StorageBackend source;
  private final Command send;
  private final StorageBackend target;
  private final Command receive;
  private final Duration stallTimeout;
  private final Optional<Long> bytesPerSecond;
  private final Progress progress;
  private final Optional<Command> flush;
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong found = new AtomicLong();
  private volatile boolean receiverClosed;

  /**
   * @param flush what brings to disk on the target what has arrived there
   */
  StreamTransfer(
      Start sender,
      StorageBackend source,
      Command send,
      StartReceiver receiver,
      StorageBackend target,
      Command receive,
      Optional<Command> flush,
      Duration stallTimeout,
      Optional<Long> bytesPerSecond,
      Progress progress) {
    this.startSender = sender;
    this.source = source;
    this.send = send;
    this.startReceiver = receiver;
    this.target = target;
    this.receive = receive;
    this.flush = flush;
    this.stallTimeout = stallTimeout;
    this.bytesPerSecond = bytesPerSecond;
    this.progress = progress;
  }

  /**
   * How both commands ended: both with status 0, or this would have been an exception.
   *
   * @param bytes what was moved
   * @param found what of the stream did not have to be
   */
  record Outcome(long bytes, long found, CommandResult sent, CommandResult received) {}

  /**
   * Returns when both commands have ended with status 0. Whatever else happens, both are ended, and
   * what the target keeps of the stream is its backend's partial receive.
   */
  Outcome run() throws InterruptedException {
    long start = System.nanoTime();
    try (RunningCommand receiver = startReceiver.start(found::addAndGet);
        RunningCommand sender = startSender.start()) {
      Optional<ReplicationException> broken = move(sender, receiver);
      if (broken.isPresent()) {
        throw broken.get();
      }
      CommandResult sent = end(sender, start);
      CommandResult received = end(receiver, start);
      requireBoth(sent, received);
      return new Outcome(moved(), found.get(), sent, received);
    }
  }

  /** Moves the bytes, and waits for both commands; empty if both have ended by themselves. */
  private Optional<ReplicationException> move(RunningCommand sender, RunningCommand receiver)
      throws InterruptedException {
    try (ArrivalFlush arrivals = new ArrivalFlush(target, flush)) {
      Optional<ReplicationException> broken =
          watch(source, send, target, receive, stallTimeout)
              .run(
                  () -> pump(sender, receiver),
                  passed::get,
                  now -> {
                    report();
                    arrivals.arrived(now);
                  },
                  () -> {
                    sender.close();
                    receiver.close();
                  });
      if (broken.isEmpty()) {
        arrivals.await();
      }
      return broken;
    } finally {
      report();
    }
  }

  private void report() {
    long had = found.get(); // first: more may pass, and be found, meanwhile
    progress.at(passed.get() - had, had);
  }

  private long moved() {
    long had = found.get();
    return passed.get() - had;
  }

  static StallWatch watch(
      StorageBackend source,
      Command send,
      StorageBackend target,
      Command receive,
      Duration stallTimeout) {
    return new StallWatch(
        send.verb()
            + " on "
            + source.runner().host()
            + " to "
            + receive.verb()
            + " on "
            + target.runner().host(),
        stallTimeout,
        "the next run goes on from here");
  }

  /**
   * On the pump's own thread. A connection that breaks is returned, so that the other side can end
   * in peace.
   */
  private Optional<ReplicationException> pump(RunningCommand sender, RunningCommand receiver)
      throws InterruptedException {
    Optional<ReplicationException> broken = Optional.empty();
    try (OutputStream to = receiver.stdin()) {
      broken = copy(sender.stdout(), to);
    } catch (IOException e) {
      receiverClosed = true; // its exit status says why
    } catch (ConnectionLostException e) {
      broken = Optional.of(e);
    }
    if (receiverClosed || broken.isPresent()) {
      sender.close();
    }
    if (broken.isEmpty()) {
      sender.waitFor();
      receiver.waitFor();
    }
    return broken;
  }

  private Optional<ReplicationException> copy(InputStream from, OutputStream to)
      throws IOException {
    byte[] buffer = new byte[bufferSize()];
    Optional<RateLimiter> limiter = bytesPerSecond.map(RateLimiter::create);
    long paid = 0;
    while (true) {
      int n;
      try {
        n = from.read(buffer);
      } catch (IOException e) {
        return Optional.of(
            new ConnectionLostException(
                send.verb()
                    + " on "
                    + source.runner().host()
                    + ": its output broke off after "
                    + passed.get()
                    + " bytes; run again, it goes on from there",
                e));
      } catch (ConnectionLostException e) {
        return Optional.of(e);
      }
      if (n < 0) {
        return Optional.empty();
      }
      passed.addAndGet(n); // before: what is found of it is known before it is written
      to.write(buffer, 0, n);
      if (limiter.isPresent() && moved() > paid) { // what was found costs nothing
        limiter.get().acquire((int) (moved() - paid));
        paid = moved();
      }
    }
  }

  /** With a limit, small enough to wait only a fraction of a second at a time. */
  private int bufferSize() {
    return bytesPerSecond.map(rate -> (int) Math.max(1, Math.min(BUFFER, rate / 8))).orElse(BUFFER);
  }

  private static CommandResult end(RunningCommand command, long start) throws InterruptedException {
    int status = command.waitFor();
    return new CommandResult(
        status, "", command.errorTail(), Duration.ofNanos(System.nanoTime() - start));
  }

  /** The side that failed first is the cause; the other one only noticed. */
  private void requireBoth(CommandResult sent, CommandResult received) {
    if (!received.succeeded() && (receiverClosed || sent.succeeded())) {
      throw target.failure(receive, received);
    }
    if (!sent.succeeded()) {
      ReplicationException cause = source.failure(send, sent);
      if (!received.succeeded()) {
        cause.addSuppressed(target.failure(receive, received));
      }
      throw cause;
    }
  }
}
