package io.replication4j;

import static java.util.Objects.requireNonNull;

import io.replication4j.internal.Json;
import java.nio.charset.StandardCharsets;

/**
 * Plans, steps, states, reports, verifications and statuses as JSON, one line of ASCII each, and
 * back. Field names are those of the records' components; an empty {@code Optional} is {@code
 * null}; times are ISO-8601 in UTC, durations ISO-8601; a value that may be of several types
 * carries its name ({@code "plan":"transfer"}, {@code "step":"send"}, {@code
 * "conflict":"diverged"}, {@code "kind":"snapshot"}).
 *
 * <p>Reading is strict: an unknown type name, an unknown, missing or doubled field, another type, a
 * value that the record itself refuses, more than 16 MiB, or anything after the end is refused.
 * Thread-safe.
 */
public final class ReplicationJson {

  /**
   * The most bytes that {@link #write(PairState)} gives: it must fit a ZFS property, 1024 bytes on
   * old storage.
   */
  public static final int LONGEST_STATE = 1000;

  private ReplicationJson() {}

  /** The plan, its commands included. */
  public static String write(SyncPlan plan) {
    return Json.write(requireNonNull(plan, "plan"));
  }

  /**
   * A plan that was written by {@link #write(SyncPlan)}, perhaps changed since. Its commands are
   * for people: executing it derives them from the steps again, after the same checks as for any
   * plan.
   *
   * @throws IllegalArgumentException if {@code json} is not a plan
   */
  public static SyncPlan readPlan(String json) {
    return Json.read(json, SyncPlan.class);
  }

  /** The step. */
  public static String write(SyncStep step) {
    return Json.write(requireNonNull(step, "step"));
  }

  /**
   * A step that was written by {@link #write(SyncStep)}.
   *
   * @throws IllegalArgumentException if {@code json} is not a step
   */
  public static SyncStep readStep(String json) {
    return Json.read(json, SyncStep.class);
  }

  /** The report. */
  public static String write(SyncReport report) {
    return Json.write(requireNonNull(report, "report"));
  }

  /**
   * A report that was written by {@link #write(SyncReport)}.
   *
   * @throws IllegalArgumentException if {@code json} is not a report
   */
  public static SyncReport readReport(String json) {
    return Json.read(json, SyncReport.class);
  }

  /** The verification. */
  public static String write(Verification verification) {
    return Json.write(requireNonNull(verification, "verification"));
  }

  /**
   * A verification that was written by {@link #write(Verification)}.
   *
   * @throws IllegalArgumentException if {@code json} is not a verification
   */
  public static Verification readVerification(String json) {
    return Json.read(json, Verification.class);
  }

  /** The status. */
  public static String write(SyncStatus status) {
    return Json.write(requireNonNull(status, "status"));
  }

  /**
   * A status that was written by {@link #write(SyncStatus)}.
   *
   * @throws IllegalArgumentException if {@code json} is not a status
   */
  public static SyncStatus readStatus(String json) {
    return Json.read(json, SyncStatus.class);
  }

  /**
   * The record, as it is stored with the data: at most {@value #LONGEST_STATE} bytes; {@link
   * PairState#message} is cut where it does not fit.
   *
   * @throws IllegalArgumentException if it would not fit without its message either: the names in
   *     it are too long
   */
  public static String write(PairState state) {
    String text = Json.write(state);
    for (int excess = excess(text); excess > 0; excess = excess(text)) {
      state = state.withMessage(shorter(state.message(), excess));
      text = Json.write(state);
    }
    return text;
  }

  private static int excess(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length - LONGEST_STATE;
  }

  /**
   * At least one character less, at most as many as there are bytes too many; every character has
   * six bytes at most.
   */
  private static String shorter(String message, int excess) {
    if (message.isEmpty()) {
      throw new IllegalArgumentException(
          "a record of "
              + (LONGEST_STATE + excess)
              + " bytes cannot be stored; the names in it are too long");
    }
    int length = Math.max(0, message.length() - Math.max(1, excess / 6));
    return message.substring(
        0,
        length > 0 && Character.isHighSurrogate(message.charAt(length - 1)) ? length - 1 : length);
  }

  /**
   * A record that was found with the data.
   *
   * @throws UnexpectedOutputException if {@code json} is not such a record: nothing of it is used
   */
  public static PairState readState(String json) {
    try {
      return Json.read(json, PairState.class);
    } catch (IllegalArgumentException e) {
      throw new UnexpectedOutputException(
          "a pair's record cannot be read: "
              + e.getMessage()
              + "; delete it, and the next sync writes a new one",
          e);
    }
  }
}
