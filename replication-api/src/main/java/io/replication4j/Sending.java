package io.replication4j;

import static java.util.Objects.requireNonNull;

import io.replication4j.internal.Primitives;
import java.time.Duration;
import java.util.Optional;

/** A transfer of one snapshot, being described. Immutable; {@link #to} runs it. */
public final class Sending {

  private final Filesystem source;
  private final Snapshot snapshot;
  private final Optional<Version> base;
  private final boolean intermediates;
  private final SyncPolicy limits;
  private final SyncListener listener;

  Sending(Filesystem source, Snapshot snapshot) {
    this(
        source,
        requireNonNull(snapshot, "snapshot"),
        Optional.empty(),
        false,
        SyncPolicy.refusing(),
        SyncListener.NONE);
  }

  private Sending(
      Filesystem source,
      Snapshot snapshot,
      Optional<Version> base,
      boolean intermediates,
      SyncPolicy limits,
      SyncListener listener) {
    this.source = source;
    this.snapshot = snapshot;
    this.base = base;
    this.intermediates = intermediates;
    this.limits = limits;
    this.listener = listener;
  }

  /** Only what changed since {@code newBase}, which the target must hold too. */
  public Sending from(Version newBase) {
    return new Sending(source, snapshot, Optional.of(newBase), intermediates, limits, listener);
  }

  /** With the snapshots between base and snapshot. */
  public Sending withIntermediates() {
    return new Sending(source, snapshot, base, true, limits, listener);
  }

  /**
   * With the time-outs and the rate limit of that policy; what it says of divergence is not used.
   */
  public Sending within(SyncPolicy policy) {
    return new Sending(source, snapshot, base, intermediates, policy, listener);
  }

  /** With somebody who hears of the progress. */
  public Sending listener(SyncListener newListener) {
    return new Sending(source, snapshot, base, intermediates, limits, newListener);
  }

  /** For longer or shorter patience with a stream that stands still. */
  public Sending stallTimeout(Duration timeout) {
    return within(limits.toBuilder().stallTimeout(timeout).build());
  }

  /**
   * Moves the snapshot to {@code target}, and returns it as the target has it. Nothing is forced: a
   * target that exists must hold the base as its newest version, and be unchanged since.
   *
   * @throws UnsupportedException if the target cannot take the source's streams
   * @throws TargetModifiedException if the target was written to since the base
   * @throws AlreadyExistsException if the target exists and there is no base
   * @throws IncompleteTransferException if the target does not list what was sent
   */
  public Snapshot to(Filesystem target) throws InterruptedException {
    return new Primitives(source).send(snapshot, base, intermediates, target, limits, listener);
  }
}
