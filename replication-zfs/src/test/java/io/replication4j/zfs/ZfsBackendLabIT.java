package io.replication4j.zfs;

import io.replication4j.testing.BackendContract;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;

/** The backend on OpenZFS 2.x, by SSH. */
@Tag("zfs")
@LabTest
class ZfsBackendLabIT extends BackendContract {

  private final Lab lab;

  ZfsBackendLabIT(Lab lab) {
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LabWorld.open(lab, ZfsLabSite.storage(ZfsOptions.defaults()));
  }
}
