package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.btrfs.testing.BtrfsWorld;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** The contract of whole syncs, on real btrfs. */
class BtrfsSyncIT extends SyncContract {

  @Override
  protected World open(Clock storageClock) {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    return BtrfsWorld.open(BtrfsOptions.defaults());
  }

  @Override
  protected int rounds() {
    return 5;
  }

  /**
   * A batch per kind of command: snapshots without places of nested ones, copies and their
   * witnesses, exchange, deletions, renames, records.
   */
  @Override
  protected int mostCommands() {
    return 40;
  }
}
