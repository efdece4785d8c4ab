package io.replication4j;

import static java.util.Objects.requireNonNull;

import io.replication4j.internal.PairContext;
import io.replication4j.internal.PairRun;
import io.replication4j.internal.PairVerification;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A source, a target, and how the one is to follow the other. Holds no state: what a sync needs to
 * know it reads from the storage of both sides, so the same pair may be built anew for every run,
 * and on another machine. Immutable and thread-safe; of two syncs or verifications of one pair at
 * the same time, in any processes, the second is refused (a lock on the source's host, flock(1)).
 *
 * <pre>{@code
 * ReplicationPair pair =
 *     ReplicationPair.builder("data-dr")
 *         .source(ZfsBackend.on(here).filesystem("tank/data"))
 *         .target(ZfsBackend.on(dr).filesystem("backup/data"))
 *         .policy(SyncPolicy.refusing())
 *         .build();
 * SyncReport report = pair.sync(SyncListener.NONE);
 * }</pre>
 */
public final class ReplicationPair {

  private final PairContext context;

  private ReplicationPair(PairContext context) {
    this.context = context;
  }

  /**
   * A builder.
   *
   * @param name of the pair: the same for every run; tells this pair's snapshots and records from
   *     those of other pairs of the same filesystem
   * @throws IllegalArgumentException if it is not 1 to 80 letters, digits and {@code _.:-}, the
   *     first a letter or digit
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  public String name() {
    return context.pair();
  }

  public Filesystem source() {
    return context.source();
  }

  public Filesystem target() {
    return context.target();
  }

  /** Whether the filesystem's descendants belong to it. */
  public boolean isRecursive() {
    return context.recursive();
  }

  public SyncPolicy policy() {
    return context.policy();
  }

  public SnapshotNames snapshotNames() {
    return context.names();
  }

  /**
   * Looks at both sides, both hosts at once, and decides what a sync would do. Changes nothing.
   *
   * @throws NotFoundException if the source does not exist
   * @throws OverlapException if one side lies within the other
   * @throws UnsupportedException if a stream cannot take the policy's route
   * @throws ReplicationException if a host could not be asked, or its answer could not be read;
   *     nothing is concluded from that
   */
  public SyncPlan plan() throws InterruptedException {
    return new PairRun(context).plan();
  }

  /**
   * The plan with the commands of every step filled in: for one that was changed by hand. Runs
   * nothing but, the first time, what finds out what the hosts' tools can do.
   */
  public SyncPlan.Transfer describe(SyncPlan.Transfer plan) throws InterruptedException {
    return new PairRun(context).describe(plan);
  }

  /**
   * Runs a plan of this pair, after a fresh look at both sides: a step that is done already is
   * skipped, and a plan that does not fit any more is refused whole. An interrupted caller ends
   * both ends of a stream; the next sync goes on from there.
   *
   * @return the report; {@link SyncReport.Outcome#BLOCKED} for a blocked plan, without a look, or
   *     if a copy at the target turned out to be changed
   * @throws BusyException if another sync of this pair runs, or it is verified; nothing was run
   * @throws StalePlanException if the storage has changed so that the plan does not fit, or there
   *     is something to do where the plan says that there is not; nothing was run
   * @throws UnsupportedException if a stream cannot take the policy's route; nothing was run
   * @throws IllegalArgumentException if the plan is another pair's
   * @throws ReplicationException if a step failed; the next sync repairs what it left
   */
  public SyncReport execute(SyncPlan plan, SyncListener listener) throws InterruptedException {
    return new PairRun(context).execute(plan, listener);
  }

  /**
   * Plans and executes: one look at each side if there is nothing to do, else a second one when no
   * other sync of this pair can be at work. Throws what {@link #plan} and {@link #execute} throw.
   */
  public SyncReport sync(SyncListener listener) throws InterruptedException {
    return new PairRun(context).sync(listener);
  }

  /**
   * Compares the target as it is now with the newest version that both sides hold, that is, with
   * what was sent last. Volumes are read on both hosts at once, past the page cache, and only
   * digests travel: a single bit that was flipped is found, and the block that it is in. Where the
   * storage itself knows whether a target was changed (ZFS; btrfs, which may have to compare a
   * snapshot of it without data) nothing else is read: {@link Verification.Evidence}. Nothing that
   * is replicated is changed. Holds the pair's lock, as a sync does; what it leaves when it is
   * stopped, the next verification or sync removes.
   *
   * @param listener hears how many bytes were compared, of how many; the stall time-out and the
   *     rate limit of the policy hold for either side
   * @throws BusyException if a sync or another verification of this pair runs; nothing was compared
   * @throws NotFoundException if the source does not exist, or both sides share no version
   * @throws IncompleteTransferException if an interrupted sync has left something to be finished at
   *     the target, or its members are of different rounds; sync first
   * @throws StalePlanException if one of the sides was rotated meanwhile
   * @throws io.replication4j.command.ConnectionLostException if the lock was lost meanwhile
   * @throws TransferStalledException if a side gave no answer for so long
   */
  public Verification verify(SyncListener listener) throws InterruptedException {
    return new PairVerification(context).run(listener);
  }

  /**
   * The record that the last sync left with the source's data, or, if there is none, with the
   * target's.
   */
  public Optional<PairState> state() throws InterruptedException {
    return new PairRun(context).state();
  }

  /**
   * Whether the target is as fresh as it should be: {@code UP} if the newest version that it holds,
   * by record, was taken less than {@code maxDelay} ago, and the last sync went well.
   */
  public SyncStatus status(Duration maxDelay) throws InterruptedException {
    return new PairRun(context).status(maxDelay);
  }

  PairContext context() {
    return context;
  }

  @Override
  public String toString() {
    return name() + ": " + source() + " -> " + target();
  }

  /** Collects a {@link ReplicationPair}; not thread-safe. */
  public static final class Builder {

    private final String name;
    private final Map<String, Filesystem> nodes = new LinkedHashMap<>();
    private Optional<Filesystem> source = Optional.empty();
    private Optional<Filesystem> target = Optional.empty();
    private Optional<SyncPolicy> policy = Optional.empty();
    private SnapshotNames names;
    private boolean recursive;
    private Clock clock = Clock.systemUTC();

    private Builder(String name) {
      Names.requireLabel("pair name", name);
      if (name.length() > 80) {
        throw new IllegalArgumentException("pair name is longer than 80: " + name);
      }
      this.name = name;
      this.names = SnapshotNames.ofPair(name);
    }

    public Builder source(Filesystem filesystem) {
      this.source = Optional.of(filesystem);
      return this;
    }

    public Builder target(Filesystem filesystem) {
      this.target = Optional.of(filesystem);
      return this;
    }

    /**
     * Where the data lives on one of the two nodes, whichever of them is active: instead of {@link
     * #source} and {@link #target}. Names, pools and paths may differ per node.
     */
    public Builder node(String node, Filesystem filesystem) {
      nodes.put(node, requireNonNull(filesystem, "filesystem"));
      return this;
    }

    /**
     * Which of the two nodes is active; it becomes the source, the other one the target.
     *
     * @throws IllegalArgumentException if the node was not named before
     * @throws IllegalStateException if there are not exactly two nodes
     */
    public Builder active(String node) {
      if (nodes.size() != 2) {
        throw new IllegalStateException("a pair has two nodes, not " + nodes.keySet());
      }
      if (!nodes.containsKey(node)) {
        throw new IllegalArgumentException("no node " + node + " among " + nodes.keySet());
      }
      nodes.forEach((name, fs) -> place(name.equals(node), fs));
      return this;
    }

    private void place(boolean active, Filesystem filesystem) {
      if (active) {
        source(filesystem);
      } else {
        target(filesystem);
      }
    }

    /** Default: the filesystem alone. */
    public Builder recursive(boolean withDescendants) {
      this.recursive = withDescendants;
      return this;
    }

    /** What a sync may do. No default, because it says whether target data may be discarded. */
    public Builder policy(SyncPolicy newPolicy) {
      this.policy = Optional.of(newPolicy);
      return this;
    }

    /** Default {@link SnapshotNames#ofPair}. */
    public Builder snapshotNames(SnapshotNames newNames) {
      this.names = requireNonNull(newNames, "newNames");
      return this;
    }

    /** Default: the system's. */
    public Builder clock(Clock newClock) {
      this.clock = requireNonNull(newClock, "newClock");
      return this;
    }

    /**
     * The pair; nothing is asked of the hosts.
     *
     * @throws IllegalStateException if source, target or policy is missing, or the target cannot
     *     take the source's streams
     */
    public ReplicationPair build() {
      Filesystem from = source.orElseThrow(() -> new IllegalStateException("no source"));
      Filesystem to = target.orElseThrow(() -> new IllegalStateException("no target"));
      if (!from.backend().streamFormat().equals(to.backend().streamFormat())) {
        throw new IllegalStateException("cannot replicate " + from + " to another kind: " + to);
      }
      SyncPolicy chosen =
          policy.orElseThrow(
              () ->
                  new IllegalStateException(
                      "no policy: it says what may be discarded; SyncPolicy.refusing() discards"
                          + " nothing"));
      return new ReplicationPair(new PairContext(name, from, to, recursive, names, chosen, clock));
    }
  }
}
