package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a pair's last sync left on record, with the data of each side: a report of what is on the
 * storage, never the truth itself. Where the two differ, storage wins.
 *
 * @param role what the side that holds this record is
 * @param epoch counts role changes, from 1
 * @param filesystemId the identity of the filesystem that this record was written for, so that a
 *     copy that was inherited or travelled in a stream is not taken for its own
 * @param base the version both sides held after the last sync that succeeded; empty: none yet
 * @param asOf when that version was taken, by the source's clock
 * @param completedAt when that sync was done
 * @param lastResult how the last sync ended
 * @param message the last failure in words; empty after a success
 * @param bytes what the last stream moved
 * @param bytesPerSecond its mean rate
 * @param lineage stream flags that may never change between increments
 */
public record PairState(
    String pair,
    Role role,
    long epoch,
    String filesystemId,
    Endpoint source,
    Endpoint target,
    Optional<VersionId> base,
    Optional<Instant> asOf,
    Optional<Instant> completedAt,
    Result lastResult,
    String message,
    long bytes,
    long bytesPerSecond,
    Map<String, String> lineage) {

  /** How a sync ended. */
  public enum Result {
    SYNCED,
    FAILED
  }

  public PairState {
    Names.requireLabel("pair", pair);
    requireNonNull(role, "role");
    if (epoch < 1) {
      throw new IllegalArgumentException("epoch: " + epoch);
    }
    requireNonNull(filesystemId, "filesystemId");
    requireNonNull(source, "source");
    requireNonNull(target, "target");
    requireNonNull(base, "base");
    requireNonNull(asOf, "asOf");
    requireNonNull(completedAt, "completedAt");
    requireNonNull(lastResult, "lastResult");
    requireNonNull(message, "message");
    lineage = Map.copyOf(lineage);
  }

  /** The same record with other words for the last failure. */
  public PairState withMessage(String newMessage) {
    return new PairState(
        pair,
        role,
        epoch,
        filesystemId,
        source,
        target,
        base,
        asOf,
        completedAt,
        lastResult,
        newMessage,
        bytes,
        bytesPerSecond,
        lineage);
  }
}
