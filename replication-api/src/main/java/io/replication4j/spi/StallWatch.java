package io.replication4j.spi;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import io.replication4j.TransferStalledException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Watches work that waits for commands: it is done on a thread of its own, so that the caller can
 * be interrupted, hears how far it is, and does not wait for ever.
 *
 * @param what stands still, and where: the beginning of that message
 * @param timeout how long nothing may move
 * @param nextMove the end of that message
 */
public record StallWatch(String what, Duration timeout, String nextMove) {

  private static final Duration TICK = Duration.ofMillis(250);

  public StallWatch {
    requireNonNull(what, "what");
    requireNonNull(timeout, "timeout");
    requireNonNull(nextMove, "nextMove");
  }

  /**
   * What {@code work} returns or throws. Whatever happens, it has ended when this returns.
   *
   * @param moved how many bytes so far; called by the caller's thread
   * @param tick hears that number about four times a second, on the caller's thread
   * @param end ends the commands, and the work with them; called only while it is not done
   * @throws TransferStalledException if {@code moved} did not change for {@link #timeout}
   * @throws InterruptedException if the caller was interrupted
   * @throws IllegalStateException if the work throws a checked exception
   */
  public <T> T run(Callable<T> work, LongSupplier moved, LongConsumer tick, Runnable end)
      throws InterruptedException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread worker = new Thread(task, "replication4j-watched");
    worker.setDaemon(true);
    worker.start();
    try {
      return watch(task, moved, tick);
    } catch (ExecutionException e) {
      Throwable cause = requireNonNull(e.getCause());
      Throwables.throwIfUnchecked(cause);
      throw new IllegalStateException(cause);
    } finally {
      if (!task.isDone()) {
        end.run();
      }
      Uninterruptibles.joinUninterruptibly(worker);
    }
  }

  private <T> T watch(FutureTask<T> task, LongSupplier moved, LongConsumer tick)
      throws InterruptedException, ExecutionException {
    long last = moved.getAsLong();
    long lastMoved = System.nanoTime();
    while (true) {
      try {
        return task.get(TICK.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long now = moved.getAsLong();
        tick.accept(now);
        if (now != last) {
          last = now;
          lastMoved = System.nanoTime();
        } else if (System.nanoTime() - lastMoved > timeout.toNanos()) {
          throw stalled(now);
        }
      }
    }
  }

  private TransferStalledException stalled(long bytes) {
    return new TransferStalledException(
        what
            + " stood still for "
            + Failures.format(timeout)
            + " after "
            + bytes
            + " bytes, and was ended; "
            + nextMove);
  }
}
