package io.replication4j.fake;

import io.replication4j.testing.BackendContract;
import io.replication4j.testing.FakeWorld;
import io.replication4j.testing.World;
import java.time.Clock;

class FakeBtrfsLikeBackendTest extends BackendContract {

  @Override
  protected World open(Clock storageClock) {
    return FakeWorld.btrfsLike(storageClock);
  }
}
