package io.replication4j;

import io.replication4j.internal.GroupRun;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Pairs that are synced together: several filesystems of one application, several targets of one
 * source, or all that is active on a host. Every host and pool is asked once for all of them; the
 * snapshots of all are taken together, before anything is moved; then each goes its own way, and a
 * failure of one holds no other back. Immutable and thread-safe.
 *
 * <p>The snapshots of one ZFS pool are one point in time. Those of several pools or hosts, and of
 * btrfs subvolumes, are taken one right after the other; {@link Quiesce} makes them one point in an
 * application's time.
 */
public final class ReplicationGroup {

  private final List<ReplicationPair> pairs;

  private ReplicationGroup(List<ReplicationPair> pairs) {
    this.pairs = pairs;
  }

  /**
   * A group of these pairs.
   *
   * @throws IllegalArgumentException if there is none, if two have the same name, or if two share a
   *     source and a snapshot name
   */
  public static ReplicationGroup of(List<ReplicationPair> pairs) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("a group of no pairs");
    }
    Set<String> names = new HashSet<>();
    for (ReplicationPair pair : pairs) {
      requireNew(names, "pair name " + pair.name());
      requireNew(names, pair.source() + "@" + pair.snapshotNames().tosend());
      requireNew(names, pair.source() + "@" + pair.snapshotNames().sent());
      requireNew(names, pair.source() + "@" + pair.snapshotNames().stale());
    }
    return new ReplicationGroup(List.copyOf(pairs));
  }

  /** As {@link #of(List)}. */
  public static ReplicationGroup of(ReplicationPair... pairs) {
    return of(List.of(pairs));
  }

  private static void requireNew(Set<String> seen, String what) {
    if (!seen.add(what)) {
      throw new IllegalArgumentException("used twice in one group: " + what);
    }
  }

  public List<ReplicationPair> pairs() {
    return pairs;
  }

  /**
   * The plans of all pairs, in order of the pairs, from one look at every host and pool. Changes
   * nothing.
   *
   * @throws ReplicationException if any host could not be asked; {@link #sync} goes on with the
   *     others
   */
  public List<SyncPlan> plan() throws InterruptedException {
    return new GroupRun(pairs.stream().map(ReplicationPair::context).toList()).plan();
  }

  /**
   * Syncs all pairs.
   *
   * @param quiesce brings the application to rest while the snapshots are taken; not called if no
   *     pair needs one
   * @param parallel how many pairs may move data at the same time, at least 1
   * @param listener hears of all pairs, from several threads
   * @return a report per pair, in order of the pairs; a pair that failed has {@link
   *     SyncReport.Outcome#FAILED} and says why
   */
  public List<SyncReport> sync(Quiesce quiesce, int parallel, SyncListener listener)
      throws InterruptedException {
    if (parallel < 1) {
      throw new IllegalArgumentException("parallel: " + parallel);
    }
    return new GroupRun(pairs.stream().map(ReplicationPair::context).toList())
        .sync(quiesce, parallel, listener);
  }
}
