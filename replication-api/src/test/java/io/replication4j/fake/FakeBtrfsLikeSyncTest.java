package io.replication4j.fake;

import io.replication4j.testing.FakeWorld;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;

class FakeBtrfsLikeSyncTest extends SyncContract {

  @Override
  protected World open(Clock storageClock) {
    return FakeWorld.btrfsLike(storageClock);
  }
}
