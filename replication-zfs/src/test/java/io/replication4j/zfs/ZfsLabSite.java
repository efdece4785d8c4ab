package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabSite;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.World.Capabilities;
import io.replication4j.zfs.testing.ZfsLeftovers;
import java.util.Set;

/** A dataset of one pool on one host of the lab, on OpenZFS, and what is below it. */
final class ZfsLabSite extends LabSite {

  static final FilesystemName POOL = FilesystemName.of("tank");

  private static final String OPEN =
      """
      (
        flock 9
        mountpoint -q /tank || zpool create -o ashift=12 -O atime=off tank "$2"
      ) 9>/run/lock/lab
      zfs create "$1"
      """;

  /**
   * What is left goes with the pool, when the hosts are reset: destroying a tree costs a second.
   */
  private static final String CLOSE = "";

  /** Below a former replica, too: a directory is made in it to mount at. */
  private static final String CREATE =
      """
      parent=${1%/*}
      [ ! -d "/$parent" ] || [ -w "/$parent" ] || zfs set readonly=off "$parent"
      zfs create "$1"
      """;

  private static final String ENTER =
      """
      { read -r readonly; read -r mounted; IFS= read -r place; } <<END
      $(zfs get -H -o value readonly,mounted,mountpoint "$1")
      END
      [ "$readonly" = off ] || zfs set readonly=off "$1"
      [ "$mounted" = yes ] || zfs mount "$1"
      cd "$place"
      """;

  private static final String LOOK =
      """
      case $1 in
        *@*) options=ro ;;
        *) options=ro,zfsutil ;;
      esac
      place=$(findmnt -n -f -o TARGET -t zfs -S "$1") || {
        place=$(mktemp -d /mnt/look.XXXXXX)
        trap 'cd /; umount "$place"; rmdir "$place"' EXIT
        mount -t zfs -o "$options" "$1" "$place"
      }
      cd "$place"
      """;

  private final ZfsOptions options;

  private ZfsLabSite(LabHost host, FilesystemName top, ZfsOptions options) {
    super(host, top);
    this.options = options;
  }

  static LabWorld.Storage storage(ZfsOptions options) {
    return new LabWorld.Storage(
        POOL,
        OPEN,
        CLOSE,
        1,
        new Capabilities(true, true, true, true, true, false),
        (host, top) -> new ZfsLabSite(host, top, options));
  }

  @Override
  public StorageBackend backend(CommandRunner runner) {
    return ZfsBackend.on(runner, options);
  }

  @Override
  public void create(FilesystemName filesystem) {
    shell(CREATE, filesystem.value());
  }

  @Override
  public void rename(FilesystemName from, FilesystemName to) {
    run(Command.of("zfs", "rename", from.value(), to.value()));
  }

  @Override
  public void destroy(FilesystemName filesystem) {
    run(Command.of("zfs", "destroy", "-r", filesystem.value()));
  }

  @Override
  public boolean exists(FilesystemName filesystem) {
    return run(Command.of("zfs", "list", "-H", "-r", "-o", "name", POOL.value()))
        .lines()
        .anyMatch(filesystem.value()::equals);
  }

  @Override
  protected String enter() {
    return ENTER;
  }

  @Override
  protected String leave() {
    return "";
  }

  @Override
  protected String look() {
    return LOOK;
  }

  @Override
  protected String place(FilesystemName root, String path, String snapshot) {
    return root.child(path) + "@" + snapshot;
  }

  @Override
  public FilesystemName aside(FilesystemName root, String member, String asideName) {
    return FilesystemName.of(ZfsAside.aside(root, member, asideName));
  }

  @Override
  public Set<String> leftovers() {
    return ZfsLeftovers.among(
        run(
            Command.of(
                "zfs",
                "list",
                "-H",
                "-r",
                "-t",
                "filesystem,volume,snapshot",
                "-o",
                "name,userrefs",
                name("").value())));
  }

  @Override
  public boolean isListing(Command command) {
    return RealZfs.lists(command);
  }
}
