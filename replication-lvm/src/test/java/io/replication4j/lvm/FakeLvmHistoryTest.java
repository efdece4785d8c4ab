package io.replication4j.lvm;

import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import java.time.Clock;

/** History tests on LVM in memory. */
class FakeLvmHistoryTest extends Histories {

  @Override
  protected World open(Clock storageClock) {
    return FakeLvmWorld.open(LvmOptions.defaults(), storageClock);
  }
}
