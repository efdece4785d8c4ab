package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.btrfs.testing.BtrfsWorld;
import io.replication4j.testing.BackendContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** The contract of every backend, on real btrfs. */
class BtrfsBackendIT extends BackendContract {

  @Override
  protected World open(Clock storageClock) {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    return BtrfsWorld.open(BtrfsOptions.defaults());
  }
}
