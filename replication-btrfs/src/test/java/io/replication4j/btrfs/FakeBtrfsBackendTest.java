package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.BackendContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** The contract of every backend, on btrfs in memory. */
class FakeBtrfsBackendTest extends BackendContract {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(BtrfsOptions.defaults(), FakeBtrfs.Exchange.PERL, storageClock);
  }
}
