package io.replication4j.zfs;

import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;

/** Whole syncs between two hosts with OpenZFS 2.x. */
@Tag("zfs")
@LabTest
class ZfsSyncLabIT extends SyncContract {

  private final Lab lab;

  ZfsSyncLabIT(Lab lab) {
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LabWorld.open(lab, ZfsLabSite.storage(ZfsOptions.defaults()));
  }

  @Override
  protected int rounds() {
    return 3;
  }
}
