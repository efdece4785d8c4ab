package io.replication4j.btrfs;

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

/** Faults in the middle of syncs between two hosts with btrfs. */
@Tag("btrfs")
@LabTest
@Execution(ExecutionMode.SAME_THREAD) // whoever cuts the power is alone
public class BtrfsFaultsLabIT extends LabFaultContract {

  private static final String FILL =
      "cd \"$1\"; head -c \"$3\" /dev/urandom >\"$2\"; btrfs filesystem sync .";

  private final Lab lab;

  public BtrfsFaultsLabIT(Lab lab) {
    super(lab);
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LabWorld.open(lab, BtrfsLabSite.storage(BtrfsOptions.defaults()));
  }

  @Override
  protected Class<?> syncProgram() {
    return BtrfsLabSync.class;
  }

  @Override
  protected void afterBoot(LabHost host) throws InterruptedException {
    BtrfsLabSite.mountAgain(host);
  }

  @Override
  protected void fill(LabHost host, FilesystemName filesystem, String file, int mebibytes)
      throws InterruptedException {
    host.shell(FILL, filesystem.value(), file, Integer.toString(mebibytes << 20));
  }

  /** A file that takes all but 24 MiB. */
  @Override
  protected AutoCloseable takeRoom(LabHost host, FilesystemName root) throws InterruptedException {
    String filler = BtrfsLabSite.MOUNT_POINT.child("filler").value();
    host.shell(
        "fallocate -l $(($(df -B1 --output=avail \"$1\" | tail -n 1) - (24 << 20))) \"$2\"; btrfs filesystem sync \"$1\"",
        BtrfsLabSite.MOUNT_POINT.value(),
        filler);
    return () ->
        host.shell(
            "rm \"$1\"; btrfs filesystem sync \"$2\"", filler, BtrfsLabSite.MOUNT_POINT.value());
  }

  @Override
  protected String streamCommands() {
    return "btrfs (send|receive)";
  }
}
