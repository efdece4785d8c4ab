package io.replication4j.internal;

import com.google.common.util.concurrent.Uninterruptibles;
import io.replication4j.command.Command;
import io.replication4j.spi.StorageBackend;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has what arrives written to disk while more arrives, so that the end of a long stream does not
 * wait for all of it. One command at a time, on a thread that ends with {@link #close}. Its failure
 * fails nothing: what matters is flushed again before it counts. Called by one thread.
 */
final class ArrivalFlush implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ArrivalFlush.class);

  /** Less costs more commits than it saves waiting. */
  private static final long EVERY = 128 << 20;

  private final StorageBackend target;
  private final Optional<Command> command;
  private Optional<Thread> running = Optional.empty();
  private long flushedAt;

  ArrivalFlush(StorageBackend target, Optional<Command> command) {
    this.target = target;
    this.command = command;
  }

  /** So many bytes have arrived so far. */
  void arrived(long bytes) {
    boolean busy = running.filter(Thread::isAlive).isPresent();
    if (command.isPresent() && !busy && bytes - flushedAt >= EVERY) {
      flushedAt = bytes;
      Thread thread = new Thread(() -> flush(command.get()), "replication4j-flush");
      thread.setDaemon(true);
      thread.start();
      running = Optional.of(thread);
    }
  }

  private void flush(Command flush) {
    try {
      target.runOrFail(flush, target.runner());
    } catch (RuntimeException e) {
      LOG.debug("{}: {}", flush, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for what still runs. */
  void await() throws InterruptedException {
    if (running.isPresent()) {
      running.get().join();
    }
  }

  /** Ends what still runs. */
  @Override
  public void close() {
    running.ifPresent(Thread::interrupt);
    running.ifPresent(Uninterruptibles::joinUninterruptibly);
  }
}
