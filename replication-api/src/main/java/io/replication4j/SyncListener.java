package io.replication4j;

/**
 * Hears what a sync does, on the thread that does it. A hook that throws ends the sync there, as a
 * failure that the next run repairs.
 */
public interface SyncListener {

  /** Hears nothing. */
  SyncListener NONE = new SyncListener() {};

  /** Before a step's first command. */
  default void beforeStep(String pair, SyncStep step) {}

  /** After a step was run and proven, or skipped because it was done already. */
  default void afterStep(String pair, SyncReport.StepReport report) {}

  /** About four times a second while a stream runs, and once at its end. */
  default void progress(TransferProgress progress) {}

  /**
   * About four times a second while source and target are read to find where they differ: by {@link
   * ReplicationPair#verify}, or in place of a list of changes ({@link
   * SyncPolicy.OnBrokenChain#COMPARE}). Bytes are those that were read of each side, the estimate
   * is all of them.
   */
  default void comparing(TransferProgress progress) {}
}
