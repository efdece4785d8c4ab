package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.util.concurrent.atomic.AtomicInteger;

/** A fresh directory on a btrfs of each host of the lab. */
final class BtrfsLabWorld implements World {

  static final String MOUNT_POINT = "/mnt/btrfs";

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final String OPEN =
      """
      if ! mountpoint -q "$1"; then
        mkdir -p "$1"
        blkid "$3" >/dev/null || mkfs.btrfs -q -f "$3"
        mount -o noatime "$3" "$1"
      fi
      mkdir "$2"
      """;

  private static final String CLOSE =
      """
      find "$1" -inum 256 -type d -printf '%d %p\\n' | sort -rn | cut -d' ' -f2- | while IFS= read -r subvolume; do
        btrfs property set -f "$subvolume" ro false
        btrfs -q subvolume delete "$subvolume"
      done
      rm -rf "$1"
      """;

  private final Lab lab;
  private final BtrfsOptions options;
  private final FilesystemName top =
      FilesystemName.of(MOUNT_POINT + "/t" + NUMBER.incrementAndGet());

  private BtrfsLabWorld(Lab lab, BtrfsOptions options) {
    this.lab = lab;
    this.options = options;
  }

  static BtrfsLabWorld open(Lab lab, BtrfsOptions options) throws InterruptedException {
    BtrfsLabWorld world = new BtrfsLabWorld(lab, options);
    lab.onBoth(OPEN, MOUNT_POINT, world.top.value(), LabHost.disk(2));
    return world;
  }

  /** Mounts what a host mounted before it lost power. */
  static void mountAgain(LabHost host) throws InterruptedException {
    host.shell(
        "mountpoint -q \"$1\" || mount -o noatime \"$2\" \"$1\"", MOUNT_POINT, LabHost.disk(2));
  }

  @Override
  public Site source() {
    return new BtrfsLabSite(lab.a(), options, top);
  }

  @Override
  public Site target() {
    return new BtrfsLabSite(lab.b(), options, top);
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(false, false, false, false, true, true);
  }

  @Override
  public void close() {
    try {
      lab.onBoth(CLOSE, top.value());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
