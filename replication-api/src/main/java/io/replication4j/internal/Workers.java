package io.replication4j.internal;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads for the time of one call: none is left when it is closed. */
final class Workers implements AutoCloseable {

  private final ExecutorService executor;

  Workers(int threads) {
    this.executor =
        Executors.newFixedThreadPool(
            threads,
            new ThreadFactoryBuilder().setNameFormat("replication4j-%d").setDaemon(true).build());
  }

  <T> Future<T> start(Callable<T> task) {
    return executor.submit(task);
  }

  /** The task's result; what it threw is thrown as it was. */
  static <T> T result(Future<T> task) throws InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      if (e.getCause() instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Interrupts what still runs, which ends its commands, and waits for it. */
  @Override
  public void close() {
    executor.shutdownNow();
    Uninterruptibles.awaitTerminationUninterruptibly(executor);
  }
}
