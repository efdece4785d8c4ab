package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** The contract of whole syncs, on btrfs in memory. */
class FakeBtrfsSyncTest extends SyncContract {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(BtrfsOptions.defaults(), FakeBtrfs.Exchange.PERL, storageClock);
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
