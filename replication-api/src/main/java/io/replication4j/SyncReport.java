package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a sync did.
 *
 * @param outcome how it ended
 * @param base the newest version both sides hold now; empty if blocked or failed before there was
 *     one
 * @param asOf when that version was taken, by the source's clock; not when the sync was done
 * @param bytes what the streams moved
 * @param bytesFound what of the streams was not moved: the target had kept it when an earlier sync
 *     was interrupted
 * @param steps what was run, in order, with every command and its exit status
 * @param conflict why nothing was done; present exactly if blocked
 * @param failure what went wrong, in words; present exactly if failed (only in the report of a
 *     group: a single pair throws)
 */
public record SyncReport(
    String pair,
    Endpoint source,
    Endpoint target,
    Outcome outcome,
    Optional<VersionId> base,
    Optional<Instant> asOf,
    Instant startedAt,
    Instant completedAt,
    long bytes,
    long bytesFound,
    List<StepReport> steps,
    List<String> warnings,
    Optional<Conflict> conflict,
    Optional<String> failure) {

  /** How a sync ended. */
  public enum Outcome {
    SYNCED,
    UP_TO_DATE,
    BLOCKED,
    FAILED
  }

  public SyncReport {
    requireNonNull(pair, "pair");
    requireNonNull(outcome, "outcome");
    requireNonNull(startedAt, "startedAt");
    requireNonNull(completedAt, "completedAt");
    steps = List.copyOf(steps);
    warnings = List.copyOf(warnings);
  }

  /** Whether the target holds what the source held when the sync began. */
  public boolean succeeded() {
    return outcome == Outcome.SYNCED || outcome == Outcome.UP_TO_DATE;
  }

  public Duration elapsed() {
    return Duration.between(startedAt, completedAt);
  }

  /**
   * One step that was run, or found done and skipped.
   *
   * @param bytes what its stream moved, 0 for other steps
   * @param bytesFound what of its stream was not moved: {@link SyncReport#bytesFound}
   */
  public record StepReport(
      SyncStep step,
      boolean skipped,
      long bytes,
      long bytesFound,
      Duration elapsed,
      List<CommandReport> commands) {
    public StepReport {
      commands = List.copyOf(commands);
    }

    /** Of a step whose stream, if it has one, was moved whole. */
    public StepReport(
        SyncStep step,
        boolean skipped,
        long bytes,
        Duration elapsed,
        List<CommandReport> commands) {
      this(step, skipped, bytes, 0, elapsed, commands);
    }
  }

  /**
   * One command that was run: where, what, how it ended and how long it took; of several that ran
   * as one, the last has the time of all.
   */
  public record CommandReport(String host, String text, int exitStatus, Duration elapsed) {}
}
