package io.replication4j.btrfs;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import java.time.Clock;

/** The same on hosts that can only rename. */
class FakeBtrfsRenamesCrashTest extends CrashMatrix {

  @Override
  protected World open(Clock storageClock) {
    return FakeBtrfsWorld.open(BtrfsOptions.defaults(), FakeBtrfs.Exchange.NONE, storageClock);
  }

  /** At every command, but not in every way: {@link FakeBtrfsCrashTest} does that. */
  @Override
  protected boolean isChosen(int index) {
    return index % 3 == 0;
  }
}
