package io.replication4j.zfs;

import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;

/** Random histories on ZFS in memory, as with OpenZFS 2.x. */
class FakeModernZfsHistoryTest extends Histories {

  @Override
  protected World open(Clock storageClock) {
    FakeZfs here = FakeZfs.modern("here", storageClock);
    FakeZfs there = FakeZfs.modern("there", storageClock);
    return FakeZfsSite.world(here, there, RealZfsWorld.MODERN);
  }
}
