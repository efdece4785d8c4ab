package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabFaultContract;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Faults in the middle of syncs between two hosts with OpenZFS 2.x. */
@Tag("zfs")
@LabTest
@Execution(ExecutionMode.SAME_THREAD) // whoever cuts the power is alone
public class ZfsFaultsLabIT extends LabFaultContract {

  private static final String FILL =
      "cd \"$(zfs get -H -o value mountpoint \"$1\")\"; head -c \"$3\" /dev/urandom >\"$2\"; zpool sync";

  private final Lab lab;

  public ZfsFaultsLabIT(Lab lab) {
    super(lab);
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LabWorld.open(lab, ZfsLabSite.storage(ZfsOptions.defaults()));
  }

  @Override
  protected Class<?> syncProgram() {
    return ZfsLabSync.class;
  }

  @Override
  protected void fill(LabHost host, FilesystemName filesystem, String file, int mebibytes)
      throws InterruptedException {
    host.shell(FILL, filesystem.value(), file, Integer.toString(mebibytes << 20));
  }

  /** Another dataset of the pool gets a reservation for all but 24 MiB. */
  @Override
  protected AutoCloseable takeRoom(LabHost host, FilesystemName root) throws InterruptedException {
    long available =
        Long.parseLong(
            host.run("zfs", "get", "-Hp", "-o", "value", "available", ZfsLabSite.POOL.value())
                .strip());
    String filler = ZfsLabSite.POOL.child("filler").value();
    host.run("zfs", "create", "-o", "refreservation=" + (available - (24 << 20)), filler);
    return () -> host.run("zfs", "destroy", filler);
  }

  @Override
  protected String streamCommands() {
    return "zfs (send|receive)";
  }
}
