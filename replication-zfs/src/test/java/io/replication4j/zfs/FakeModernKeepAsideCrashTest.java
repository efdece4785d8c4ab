package io.replication4j.zfs;

import io.replication4j.testing.World;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;

/** On ZFS in memory, as with OpenZFS 2.x. */
class FakeModernKeepAsideCrashTest extends KeepAsideCrashes {

  @Override
  protected World open() {
    FakeZfs here = FakeZfs.modern("here", Clock.systemUTC());
    FakeZfs there = FakeZfs.modern("there", Clock.systemUTC());
    return FakeZfsSite.world(here, there, RealZfsWorld.MODERN);
  }
}
