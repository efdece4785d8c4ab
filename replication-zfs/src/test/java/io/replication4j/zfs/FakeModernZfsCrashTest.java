package io.replication4j.zfs;

import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;

/** Every sync on ZFS in memory, as with OpenZFS 2.x, stopped everywhere. */
class FakeModernZfsCrashTest extends CrashMatrix {

  @Override
  protected World open(Clock storageClock) {
    FakeZfs here = FakeZfs.modern("here", storageClock);
    FakeZfs there = FakeZfs.modern("there", storageClock);
    return FakeZfsSite.world(here, there, RealZfsWorld.MODERN);
  }
}
