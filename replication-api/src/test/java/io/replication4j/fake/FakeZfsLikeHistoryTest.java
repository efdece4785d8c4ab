package io.replication4j.fake;

import io.replication4j.testing.FakeWorld;
import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import java.time.Clock;

class FakeZfsLikeHistoryTest extends Histories {

  @Override
  protected World open(Clock storageClock) {
    return FakeWorld.zfsLike(storageClock);
  }
}
