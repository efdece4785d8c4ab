package io.replication4j.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.TransferStalledException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class StallWatchTest {

  private static final LongConsumer NOTHING = moved -> {};

  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong moved = new AtomicLong();

  private <T> T watch(Duration timeout, Callable<T> work, LongConsumer tick)
      throws InterruptedException {
    return new StallWatch("a stream to there", timeout, "run again")
        .run(work, moved::get, tick, ended::countDown);
  }

  /** Goes on until it is ended. */
  private boolean endless() throws InterruptedException {
    ended.await();
    return over.compareAndSet(false, true);
  }

  @Test
  void theResultOfTheWorkIsItsOwn() throws InterruptedException {
    assertEquals(7, watch(Duration.ofMinutes(1), () -> 7, NOTHING));
    assertEquals(1, ended.getCount(), "was ended, although it was done");
  }

  @Test
  void theFailureOfTheWorkIsItsOwn() {
    RuntimeException failure = new IllegalArgumentException();
    assertSame(failure, assertThrows(RuntimeException.class, () -> fail(failure)));
    Exception checked = new IOException();
    assertSame(checked, assertThrows(IllegalStateException.class, () -> fail(checked)).getCause());
  }

  private void fail(Exception failure) throws InterruptedException {
    Callable<Boolean> failing =
        () -> {
          throw failure;
        };
    watch(Duration.ofMinutes(1), failing, NOTHING);
  }

  @Test
  void whatStandsStillIsEnded() {
    moved.set(5);
    TransferStalledException stalled =
        assertThrows(
            TransferStalledException.class,
            () -> watch(Duration.ofMillis(300), this::endless, NOTHING));
    assertEquals(
        "a stream to there stood still for 0.3s after 5 bytes, and was ended; run again",
        stalled.getMessage());
    assertTrue(over.get());
  }

  @Test
  void whatMovesIsLeftAlone() throws InterruptedException {
    LongConsumer tenTimes = // altogether longer than the time-out, which a single one is not
        now -> {
          if (moved.incrementAndGet() == 10) {
            ended.countDown();
          }
        };
    assertTrue(watch(Duration.ofSeconds(2), this::endless, tenTimes));
  }

  @Test
  void anInterruptedCallerEndsTheWork() {
    Thread caller = Thread.currentThread();
    assertThrows(
        InterruptedException.class,
        () -> watch(Duration.ofMinutes(1), this::endless, now -> caller.interrupt()));
    assertTrue(over.get());
  }

  @Test
  void aListenerThatFailsEndsTheWork() {
    AssertionError failure = new AssertionError("of a listener");
    LongConsumer failing =
        now -> {
          throw failure;
        };
    assertSame(
        failure,
        assertThrows(
            AssertionError.class, () -> watch(Duration.ofMinutes(1), this::endless, failing)));
    assertTrue(over.get());
  }
}
