package io.replication4j.internal;

import com.google.common.util.concurrent.RateLimiter;
import io.replication4j.SyncPolicy;
import io.replication4j.spi.BlockDevice;
import io.replication4j.spi.Digests;
import io.replication4j.spi.StallWatch;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Finds the blocks in which two devices differ, as far as the smaller one reaches. Both are read at
 * the same time, each by one command on its own host; only digests travel, one for every range, and
 * those of its blocks for a range that differs. Memory is a few questions that are asked ahead.
 */
final class BlockComparison {

  private static final int RANGE_BYTES = 16 << 20;

  /** Lies on the host for a moment, in files: {@link Digests}. */
  private static final int CLOSER_BYTES = 4 << 20;

  /** Enough to keep the slower side busy. */
  private static final int AHEAD = 4;

  /** Hears of the blocks that differ, in ascending order, neighbours one by one. */
  interface Differences {
    void add(long offset, long length);
  }

  private record Question(long offset, long length, boolean closer) {}

  private final StorageBackend source;
  private final BlockDevice first;
  private final StorageBackend target;
  private final BlockDevice second;
  private final SyncPolicy limits;
  private final LongConsumer progress;
  private final Optional<RateLimiter> limiter;
  private final AtomicLong compared = new AtomicLong();

  /** As {@link #compared}, and once more what was looked at closer. */
  private final AtomicLong read = new AtomicLong();

  /**
   * @param limits how long both may say nothing, and how many bytes a second each may read
   * @param progress hears how many bytes of each were compared, about four times a second
   */
  BlockComparison(
      StorageBackend source,
      BlockDevice first,
      StorageBackend target,
      BlockDevice second,
      SyncPolicy limits,
      LongConsumer progress) {
    this.source = source;
    this.first = first;
    this.target = target;
    this.second = second;
    this.limits = limits;
    this.progress = progress;
    this.limiter = limits.bytesPerSecond().map(RateLimiter::create);
  }

  /** The bytes of each that are compared. */
  long bytes() {
    return Math.min(first.bytes(), second.bytes());
  }

  /** Returns when all is compared; whatever else happens, both commands are ended. */
  void run(Differences differences) throws InterruptedException {
    try (Digests here = Digests.of(source, first.path());
        Digests there = Digests.of(target, second.path())) {
      watch()
          .run(
              () -> {
                compare(here, there, differences);
                return true;
              },
              read::get,
              now -> progress.accept(compared.get()),
              () -> {
                here.close();
                there.close();
              });
    } finally {
      progress.accept(compared.get());
    }
  }

  private StallWatch watch() {
    return new StallWatch(
        "comparing "
            + first.path()
            + " on "
            + source.runner().host()
            + " with "
            + second.path()
            + " on "
            + target.runner().host(),
        limits.stallTimeout(),
        "nothing was changed. Run again");
  }

  private void compare(Digests here, Digests there, Differences differences)
      throws InterruptedException {
    Deque<Question> asked = new ArrayDeque<>();
    Deque<Question> closer = new ArrayDeque<>();
    long next = 0;
    while (next < bytes() || !closer.isEmpty() || !asked.isEmpty()) {
      while (asked.size() < AHEAD && (next < bytes() || !closer.isEmpty())) {
        Question question = closer.isEmpty() ? range(next) : closer.remove();
        next = question.closer() ? next : question.offset() + question.length();
        ask(question, here, there);
        asked.add(question);
      }
      Question question = asked.remove();
      if (question.closer()) {
        compareBlocks(question, here, there, differences);
      } else {
        compareRange(question, here, there, closer);
      }
    }
    here.end();
    there.end();
  }

  private Question range(long offset) {
    return new Question(offset, Math.min(rangeBytes(), bytes() - offset), false);
  }

  /** With a limit, what may be read in a second, so that answers come often enough. */
  private long rangeBytes() {
    return limits
        .bytesPerSecond()
        .map(rate -> rate / Digests.BLOCK_BYTES * Digests.BLOCK_BYTES)
        .map(rate -> Math.max(Digests.BLOCK_BYTES, Math.min(RANGE_BYTES, rate)))
        .orElse((long) RANGE_BYTES);
  }

  private void ask(Question question, Digests here, Digests there) throws InterruptedException {
    if (limiter.isPresent()) {
      limiter.get().acquire((int) question.length());
    }
    for (Digests side : new Digests[] {here, there}) {
      if (question.closer()) {
        side.askBlocks(question.offset(), question.length());
      } else {
        side.askRange(question.offset(), question.length());
      }
    }
  }

  private void compareRange(Question range, Digests here, Digests there, Deque<Question> closer)
      throws InterruptedException {
    if (differs(here, there, range.length())) {
      long end = range.offset() + range.length();
      for (long at = range.offset(); at < end; at += CLOSER_BYTES) {
        closer.add(new Question(at, Math.min(CLOSER_BYTES, end - at), true));
      }
    }
    compared.addAndGet(range.length());
  }

  private void compareBlocks(
      Question question, Digests here, Digests there, Differences differences)
      throws InterruptedException {
    long end = question.offset() + question.length();
    for (long at = question.offset(); at < end; at += Digests.BLOCK_BYTES) {
      long length = Math.min(Digests.BLOCK_BYTES, end - at);
      if (differs(here, there, length)) {
        differences.add(at, length);
      }
    }
  }

  private boolean differs(Digests here, Digests there, long length) throws InterruptedException {
    boolean differs = !here.answer().equals(there.answer());
    read.addAndGet(length);
    return differs;
  }
}
