package io.replication4j.zfs;

import io.replication4j.testing.World;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;

/** On ZFS in memory, as with zfs-fuse. */
class FakeOldKeepAsideCrashTest extends KeepAsideCrashes {

  @Override
  protected World open() {
    FakeZfs here = FakeZfs.old("here", Clock.systemUTC());
    FakeZfs there = FakeZfs.old("there", Clock.systemUTC());
    return FakeZfsSite.world(here, there, RealZfsWorld.OLD);
  }
}
