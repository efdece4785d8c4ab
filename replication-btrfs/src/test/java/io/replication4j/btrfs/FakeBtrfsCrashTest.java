package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import java.time.Clock;

/** Every sync on btrfs in memory, stopped everywhere. */
class FakeBtrfsCrashTest extends CrashMatrix {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(BtrfsOptions.defaults(), FakeBtrfs.Exchange.PERL, storageClock);
  }
}
