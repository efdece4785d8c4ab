package io.replication4j.btrfs;

import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;

/** Whole syncs between two hosts with btrfs. */
@Tag("btrfs")
@LabTest
class BtrfsSyncLabIT extends SyncContract {

  private final Lab lab;

  BtrfsSyncLabIT(Lab lab) {
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LabWorld.open(lab, BtrfsLabSite.storage(BtrfsOptions.defaults()));
  }

  @Override
  protected int rounds() {
    return 3;
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
