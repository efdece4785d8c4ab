package io.replication4j;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a pair stands.
 *
 * @param asOf the time of the newest version that the target holds; empty: never synced
 * @param lag how old that is now
 * @param reason why it is not {@code UP}; empty if it is
 */
public record SyncStatus(
    String pair, Health health, Optional<Instant> asOf, Optional<Duration> lag, String reason) {

  /** {@code UP}: younger than allowed, and nothing is wrong. */
  public enum Health {
    UP,
    WARN
  }
}
