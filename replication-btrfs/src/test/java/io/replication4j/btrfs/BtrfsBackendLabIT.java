package io.replication4j.btrfs;

import io.replication4j.testing.BackendContract;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabExtension;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** The backend on btrfs, by SSH. */
@Tag("btrfs")
@ExtendWith(LabExtension.class)
class BtrfsBackendLabIT extends BackendContract {

  private final Lab lab;

  BtrfsBackendLabIT(Lab lab) {
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LabWorld.open(lab, BtrfsLabSite.storage(BtrfsOptions.defaults()));
  }
}
