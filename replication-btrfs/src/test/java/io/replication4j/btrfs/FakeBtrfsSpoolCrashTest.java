package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import java.time.Clock;

/** Every sync on btrfs in memory, stopped everywhere, where what arrives is spooled. */
class FakeBtrfsSpoolCrashTest extends CrashMatrix {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(
        BtrfsOptions.builder().spool(true).build(), FakeBtrfs.Exchange.PERL, storageClock);
  }

  /** At every command, but not in every way: {@link FakeBtrfsCrashTest} does that. */
  @Override
  protected boolean isChosen(int index) {
    return index % 3 == 0;
  }
}
