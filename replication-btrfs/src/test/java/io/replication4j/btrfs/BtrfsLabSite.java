package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.btrfs.testing.BtrfsLeftovers;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabSite;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.World.Capabilities;
import java.util.List;
import java.util.Set;

/** A directory on the btrfs of one host of the lab, and the subvolumes below it. */
final class BtrfsLabSite extends LabSite {

  static final FilesystemName MOUNT_POINT = FilesystemName.of("/mnt/btrfs");

  private static final int DISK = 2;

  /** Mounts what is there; makes it first if that is nothing. */
  private static final String MOUNT =
      """
      (
        flock 9
        mountpoint -q /mnt/btrfs || {
          mkdir -p /mnt/btrfs
          blkid "$2" >/dev/null || mkfs.btrfs -q -f "$2"
          mount -o noatime "$2" /mnt/btrfs
        }
      ) 9>/run/lock/lab
      """;

  private static final String OPEN = MOUNT + "mkdir \"$1\"\n";

  /** Those nested in it first; only of a writable one can they be deleted. */
  private static final String DELETE_SUBVOLUMES =
      """
      find "$1" -depth -inum 256 -type d -print0 | xargs -0 -r sh -euc '
        for subvolume; do
          [ -w "$subvolume" ] || btrfs property set -f "$subvolume" ro false
        done
        btrfs -q subvolume delete "$@"
        ' sh
      """;

  private static final String CLOSE = DELETE_SUBVOLUMES + "rm -rf \"$1\"\n";

  private static final String CREATE =
      "btrfs -q subvolume create \"$1\"; btrfs filesystem sync \"$1\"";

  private static final String RENAME = "mv -T -- \"$1\" \"$2\"; btrfs filesystem sync \"$2\"";

  private static final String DESTROY =
      DELETE_SUBVOLUMES + "btrfs filesystem sync \"$(dirname \"$1\")\"\n";

  private final BtrfsOptions options;

  private BtrfsLabSite(LabHost host, FilesystemName top, BtrfsOptions options) {
    super(host, top);
    this.options = options;
  }

  static LabWorld.Storage storage(BtrfsOptions options) {
    return new LabWorld.Storage(
        MOUNT_POINT,
        OPEN,
        CLOSE,
        DISK,
        new Capabilities(false, false, false, false, true, true),
        (host, top) -> new BtrfsLabSite(host, top, options));
  }

  /** Mounts what a host mounted before it lost power. */
  static void mountAgain(LabHost host) throws InterruptedException {
    host.shell(MOUNT, MOUNT_POINT.value(), LabHost.disk(DISK));
  }

  @Override
  public StorageBackend backend(CommandRunner runner) {
    return BtrfsBackend.on(runner, options);
  }

  @Override
  public void create(FilesystemName filesystem) {
    shell(CREATE, filesystem.value());
  }

  @Override
  public void rename(FilesystemName from, FilesystemName to) {
    shell(RENAME, from.value(), to.value());
  }

  @Override
  public void destroy(FilesystemName filesystem) {
    shell(DESTROY, filesystem.value());
  }

  @Override
  public boolean exists(FilesystemName filesystem) {
    return shell("[ ! -d \"$1\" ] || stat -c %i \"$1\"", filesystem.value()).strip().equals("256");
  }

  @Override
  protected String enter() {
    return "btrfs property set \"$1\" ro false; cd \"$1\"\n";
  }

  @Override
  protected String leave() {
    return "btrfs filesystem sync .\n";
  }

  @Override
  protected String look() {
    return "cd \"$1\"; [ \"$(stat -c %i .)\" = 256 ]\n";
  }

  @Override
  protected String place(FilesystemName root, String path, String snapshot) {
    String leaf = root.value().substring(root.value().lastIndexOf('/') + 1);
    return String.join(
        "/",
        BtrfsLayout.parentOf(root.value()),
        BtrfsLayout.DIRECTORY,
        BtrfsLayout.encode(leaf),
        BtrfsLayout.encode(snapshot),
        BtrfsLayout.entry(path));
  }

  @Override
  public FilesystemName aside(FilesystemName root, String member, String asideName) {
    return FilesystemName.of(
        root + "-" + asideName + (member.isEmpty() ? "" : "-" + BtrfsLayout.encode(member)));
  }

  @Override
  public Set<String> leftovers() {
    return BtrfsLeftovers.among(
        shell("btrfs subvolume list \"$1\" | sed 's/^.* path //'", MOUNT_POINT.value())
            .lines()
            .filter(path -> path.startsWith(name("").pathFrom(MOUNT_POINT) + "/"))
            .toList());
  }

  @Override
  public boolean isListing(Command command) {
    return command.argv().size() > 2
        && command.argv().subList(0, 3).equals(List.of("btrfs", "subvolume", "list"));
  }
}
