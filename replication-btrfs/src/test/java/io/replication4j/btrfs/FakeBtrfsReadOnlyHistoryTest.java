package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import java.time.Clock;

/** The same with read-only copies. */
class FakeBtrfsReadOnlyHistoryTest extends Histories {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(
        BtrfsOptions.builder().copy(BtrfsOptions.Copy.READ_ONLY).build(),
        FakeBtrfs.Exchange.MV,
        storageClock);
  }
}
