package io.replication4j.examples.firstsync;

import io.replication4j.Filesystem;
import io.replication4j.Quiesce;
import io.replication4j.ReplicationGroup;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import java.util.List;

/** One source, two targets: each with a base of its own. */
public final class SeveralTargets {

  private SeveralTargets() {}

  /** Takes both snapshots together, while the application rests; then a failure of one holds no other back. */
  public static List<SyncReport> sync(Filesystem source, Filesystem near, Filesystem far, Quiesce database)
      throws InterruptedException {
    ReplicationGroup group = ReplicationGroup.of(pair("data-near", source, near), pair("data-far", source, far));
    return group.sync(database, 2, SyncListener.NONE);
  }

  private static ReplicationPair pair(String name, Filesystem source, Filesystem target) {
    return ReplicationPair.builder(name)
        .source(source)
        .target(target)
        .policy(SyncPolicy.refusing())
        .build();
  }
}
