package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads and writes that go on beside the thread that waits for them in the end. */
final class Background implements AutoCloseable {

  private final ExecutorService threads;

  Background(int threads, String name) {
    this.threads =
        Executors.newFixedThreadPool(
            threads,
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  Future<?> start(Callable<?> work) {
    return threads.submit(work);
  }

  /**
   * Waits for its end.
   *
   * @throws IOException what it ended with; {@link ClosedByInterruptException} if this thread was
   *     interrupted, as when it reads itself
   */
  static void join(Future<?> work) throws IOException {
    if (Thread.currentThread().isInterrupted()) { // get() says so only if it has to wait
      throw new ClosedByInterruptException();
    }
    try {
      work.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw new IOException(failure.getMessage(), failure);
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
  }

  /** Waits for nothing. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
