package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.btrfs.testing.BtrfsWorld;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import java.time.Clock;

/**
 * Syncs of real btrfs stopped at some of their commands and inside their streams: every eightieth
 * place, or {@code crash.step}.
 */
class BtrfsCrashIT extends CrashMatrix {

  private static final int STEP = Integer.getInteger("crash.step", 80);

  @Override
  protected World open(Clock storageClock) {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    return BtrfsWorld.open(BtrfsOptions.defaults());
  }

  @Override
  protected boolean isChosen(int index) {
    return index % STEP == 0;
  }
}
