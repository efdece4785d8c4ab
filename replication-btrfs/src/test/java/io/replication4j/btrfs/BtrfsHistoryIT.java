package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.btrfs.testing.BtrfsWorld;
import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import java.time.Clock;

/** Random histories on real btrfs: the same that the btrfs in memory replays. */
class BtrfsHistoryIT extends Histories {

  @Override
  protected World open(Clock storageClock) {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    return BtrfsWorld.open(BtrfsOptions.defaults());
  }

  @Override
  protected int histories() {
    return 6;
  }
}
