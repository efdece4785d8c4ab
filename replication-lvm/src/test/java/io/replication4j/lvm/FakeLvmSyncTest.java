package io.replication4j.lvm;

import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** Sync tests on LVM in memory. */
class FakeLvmSyncTest extends SyncContract {

  @Override
  protected World open(Clock storageClock) {
    return FakeLvmWorld.open(LvmOptions.defaults(), storageClock);
  }

  /**
   * Twelve (see LvmCostsTest), one that gives the base's snapshot room, which is small here, and
   * the flush.
   */
  @Override
  protected int mostCommands() {
    return 14;
  }
}
