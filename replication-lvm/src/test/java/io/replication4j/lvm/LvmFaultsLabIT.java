package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabFaultContract;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Faults in the middle of syncs between two hosts with LVM. */
@Tag("lvm")
@LabTest
@Execution(ExecutionMode.SAME_THREAD) // whoever cuts the power is alone
public class LvmFaultsLabIT extends LabFaultContract {

  /** Whatever is written, no snapshot of the source overflows. */
  static final LvmOptions OPTIONS = LvmOptions.builder().reservePercent(100).build();

  private static final int VOLUME_MEBIBYTES = 16;
  private static final int LARGEST_FILE = 8;

  /** A file is a place in the volume. */
  private static final String FILL =
      "head -c \"$2\" /dev/urandom | dd of=\"/dev/$1\" bs=1M seek=\"$3\" iflag=fullblock conv=notrunc,fsync status=none";

  private static final String TAKE_ROOM =
      """
      free=$(vgs --noheadings --units m --nosuffix -o vg_free "$1")
      lvcreate -y -q -W n -Z n -L "$((${free%%.*} - $3))m" -n "$2" "$1" >&2
      """;

  private final Lab lab;

  public LvmFaultsLabIT(Lab lab) {
    super(lab);
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return LvmLabWorld.open(lab, OPTIONS, VOLUME_MEBIBYTES);
  }

  @Override
  protected Class<?> syncProgram() {
    return LvmLabSync.class;
  }

  @Override
  protected boolean goesDirectly() {
    return false;
  }

  @Override
  protected void afterBoot(LabHost host) throws InterruptedException {
    LvmLabWorld.activate(host);
  }

  @Override
  protected void fill(LabHost host, FilesystemName filesystem, String file, int mebibytes)
      throws InterruptedException {
    int written = Math.min(mebibytes, LARGEST_FILE);
    int place = 1 + Math.floorMod(file.hashCode(), VOLUME_MEBIBYTES - LARGEST_FILE);
    host.shell(FILL, filesystem.value(), Integer.toString(written << 20), Integer.toString(place));
  }

  /** A volume that takes all but 4 MiB. */
  @Override
  protected AutoCloseable takeRoom(LabHost host, FilesystemName root) throws InterruptedException {
    host.shell(TAKE_ROOM, LvmLabWorld.GROUP, "filler", "4");
    return () -> host.run("lvremove", "-y", "-q", LvmLabWorld.GROUP + "/filler");
  }

  @Override
  protected String streamCommands() {
    return "sh -c # (send|receive) a (thin )?volume";
  }
}
