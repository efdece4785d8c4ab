package io.replication4j.command.ssh;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * A host's uptime as its commands tell it. They were on their way when they told it, so it is never
 * ahead of the host. Thread-safe.
 */
final class HostClock {

  private final LongSupplier nanos;
  private OptionalLong offset = OptionalLong.empty(); // guarded by this

  /**
   * @param nanos our own clock, as {@link System#nanoTime}
   */
  HostClock(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * A command has just told it.
   *
   * @param uptime in seconds, rounded down
   */
  synchronized void tell(long uptime) {
    long told = Duration.ofSeconds(uptime).toNanos() - nanos.getAsLong();
    offset = OptionalLong.of(offset.isPresent() ? Math.max(offset.getAsLong(), told) : told);
  }

  /** The uptime in seconds at that time from now, rounded up; empty: none was told yet. */
  synchronized OptionalLong in(Duration time) {
    return offset.isPresent()
        ? OptionalLong.of(
            Duration.ofNanos(nanos.getAsLong() + offset.getAsLong()).plus(time).toSeconds() + 1)
        : OptionalLong.empty();
  }
}
