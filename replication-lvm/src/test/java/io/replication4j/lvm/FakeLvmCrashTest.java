package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import java.time.Clock;

/** Crash tests on LVM in memory. */
class FakeLvmCrashTest extends CrashMatrix {

  @Override
  protected World open(Clock storageClock) {
    return FakeLvmWorld.open(LvmOptions.defaults(), storageClock);
  }

  @Override
  protected boolean comparesBlocks() {
    return true;
  }

  @Override
  protected void loseBase(FilesystemName filesystem) {
    ((FakeLvm) world().source().runner()).scribble(Volume.of(filesystem).name(), 100);
  }
}
