package io.replication4j;

/**
 * What to do with a target that has changes of its own. There is no default: two of these discard
 * or move data.
 */
public enum OnDivergence {
  /** Change nothing; the plan is {@link SyncPlan.Blocked}. */
  REFUSE,
  /** Discard what the target has after the base. */
  ROLL_BACK,
  /** Keep the changed target under another name beside, and go on from the base. */
  KEEP_ASIDE
}
