package io.replication4j.zfs;

import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;

/** Every sync on ZFS in memory, as with zfs-fuse, stopped everywhere. */
class FakeOldZfsCrashTest extends CrashMatrix {

  @Override
  protected World open(Clock storageClock) {
    FakeZfs here = FakeZfs.old("here", storageClock);
    FakeZfs there = FakeZfs.old("there", storageClock);
    return FakeZfsSite.world(here, there, RealZfsWorld.OLD);
  }
}
