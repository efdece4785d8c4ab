package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import java.time.Clock;

/** Random histories on btrfs in memory. */
class FakeBtrfsHistoryTest extends Histories {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(BtrfsOptions.defaults(), FakeBtrfs.Exchange.PERL, storageClock);
  }
}
