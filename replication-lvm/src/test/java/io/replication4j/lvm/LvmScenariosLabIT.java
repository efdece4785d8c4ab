package io.replication4j.lvm;

import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Overflow, open devices and full groups, between two hosts with LVM. */
@Tag("lvm")
@Execution(ExecutionMode.SAME_THREAD) // one volume group for all
@LabTest
class LvmScenariosLabIT extends RealScenarios {

  private final Lab lab;

  LvmScenariosLabIT(Lab lab) {
    this.lab = lab;
  }

  @Override
  World open() throws InterruptedException {
    return LvmLabWorld.open(lab, LvmOptions.defaults());
  }
}
