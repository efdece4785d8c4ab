package io.replication4j.zfs;

import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;

/** Random histories on ZFS in memory, as with zfs-fuse. */
class FakeOldZfsHistoryTest extends Histories {

  @Override
  protected World open(Clock storageClock) {
    FakeZfs here = FakeZfs.old("here", storageClock);
    FakeZfs there = FakeZfs.old("there", storageClock);
    return FakeZfsSite.world(here, there, RealZfsWorld.OLD);
  }
}
