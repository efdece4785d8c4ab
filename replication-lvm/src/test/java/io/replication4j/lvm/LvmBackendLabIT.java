package io.replication4j.lvm;

import io.replication4j.testing.BackendContract;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The whole contract on LVM, by SSH: where the hosts are emulated, each sync takes half a minute.
 */
@Tag("lvm")
@Execution(ExecutionMode.SAME_THREAD) // one volume group for all
@Tag("variant") // takes long on emulated hosts
@LabTest
class LvmBackendLabIT extends BackendContract {

  private final Lab lab;

  LvmBackendLabIT(Lab lab) {
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LvmLabWorld.open(lab, LvmOptions.defaults());
  }
}
