package io.replication4j.examples;

import io.replication4j.btrfs.BtrfsFaultsLabIT;
import io.replication4j.lvm.LvmFaultsLabIT;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabDisasters;
import io.replication4j.testing.LabTest;
import io.replication4j.zfs.ZfsFaultsLabIT;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** All three kinds of storage on the same two hosts; {@code -Dlab.storages=lvm,zfs} for some. */
@LabTest
@Tag("variant") // takes long on emulated hosts
@Execution(ExecutionMode.SAME_THREAD) // whoever cuts the power is alone
class DisastersLabIT {

  @Test
  void whateverHappensTheNextRunRepairs(Lab lab) throws Exception {
    var storages =
        Map.of(
            "zfs", new ZfsFaultsLabIT(lab),
            "btrfs", new BtrfsFaultsLabIT(lab),
            "lvm", new LvmFaultsLabIT(lab));
    String wanted = System.getProperty("lab.storages", "zfs,btrfs,lvm");
    new LabDisasters(lab, List.of(wanted.split(",")).stream().map(storages::get).toList()).befall();
  }
}
