package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.BackendContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** The same with read-only copies. */
class FakeBtrfsReadOnlyBackendTest extends BackendContract {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(
        BtrfsOptions.builder().copy(BtrfsOptions.Copy.READ_ONLY).build(),
        FakeBtrfs.Exchange.MV,
        storageClock);
  }
}
