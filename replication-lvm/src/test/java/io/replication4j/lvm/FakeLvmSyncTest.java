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

  /** At the target a version is adopted, merged and marked, each by a command of its own. */
  @Override
  protected int mostCommands() {
    return 15;
  }
}
