package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.btrfs.testing.BtrfsWorld;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import java.time.Clock;

/**
 * Syncs of real btrfs that spool, stopped at some of their commands and inside their streams: every
 * hundred and fiftieth place, or {@code crash.step}.
 */
class BtrfsSpoolCrashIT extends CrashMatrix {

  private static final int STEP = Integer.getInteger("crash.step", 150);

  @Override
  protected World open(Clock storageClock) {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    return BtrfsWorld.open(BtrfsOptions.builder().spool(true).build());
  }

  @Override
  protected boolean isChosen(int index) {
    return index % STEP == STEP / 2;
  }
}
