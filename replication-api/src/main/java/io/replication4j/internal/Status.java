package io.replication4j.internal;

import io.replication4j.PairState;
import io.replication4j.SyncStatus;
import io.replication4j.SyncStatus.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** From a record to a verdict. Pure. */
final class Status {

  private Status() {}

  static SyncStatus of(String pair, Optional<PairState> state, Duration maxDelay, Instant now) {
    Optional<Instant> asOf = state.flatMap(PairState::asOf);
    Optional<Duration> lag = asOf.map(time -> Duration.between(time, now));
    String reason = reason(state, lag, maxDelay);
    return new SyncStatus(pair, reason.isEmpty() ? Health.UP : Health.WARN, asOf, lag, reason);
  }

  private static String reason(
      Optional<PairState> state, Optional<Duration> lag, Duration maxDelay) {
    if (lag.isEmpty()) {
      return "never synced" + state.map(s -> ": " + s.message()).orElse("");
    }
    if (lag.get().compareTo(maxDelay) > 0) {
      return "the target is " + lag.get() + " behind, more than " + maxDelay;
    }
    return state
        .filter(s -> s.lastResult() == PairState.Result.FAILED)
        .map(s -> "the last sync failed: " + s.message())
        .orElse("");
  }
}
