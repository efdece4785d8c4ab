package io.replication4j.lvm;

import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.BackendContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** Backend tests on LVM in memory. */
class FakeLvmBackendTest extends BackendContract {

  @Override
  protected World open(Clock storageClock) {
    return FakeLvmWorld.open(LvmOptions.defaults(), storageClock);
  }
}
