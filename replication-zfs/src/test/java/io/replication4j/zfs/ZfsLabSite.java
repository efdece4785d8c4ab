package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.Site;
import io.replication4j.zfs.testing.ZfsLeftovers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A dataset of one pool on one host of the lab, and what is below it. */
final class ZfsLabSite implements Site {

  private static final String CREATE = "zfs create \"$1\"";

  private static final String MOUNT =
      """
      [ "$(zfs get -H -o value readonly "$1")" = off ] || zfs set readonly=off "$1"
      [ "$(zfs get -H -o value mounted "$1")" = yes ] || zfs mount "$1"
      cd "$(zfs get -H -o value mountpoint "$1")"
      """;

  /** With an owner, a mode and an extended attribute, so that there is more than text to lose. */
  private static final String WRITE =
      MOUNT
          + """
          mkdir -p "$(dirname "$2")"
          cat >"$2"
          chown 1234:99 "$2"
          chmod 640 "$2"
          setfattr -n user.of -v "$2" "$2"
          """;

  private static final String DELETE = MOUNT + "rm -f \"$2\"\n";

  /**
   * Each file's path, its metadata, its text (of a long one its digest) and its extended
   * attributes, each ended by a NUL.
   */
  private static final String CONTENT =
      """
      place=$(mktemp -d /mnt/look.XXXXXX)
      trap 'cd /; umount "$place" 2>/dev/null || :; rmdir "$place"' EXIT
      case $1 in
        *@*) mount -t zfs "$1" "$place"; cd "$place" ;;
        *)
          if [ "$(zfs get -H -o value mounted "$1")" = yes ]
          then cd "$(zfs get -H -o value mountpoint "$1")"
          else mount -t zfs -o ro,zfsutil "$1" "$place"; cd "$place"
          fi ;;
      esac
      find . -xdev -type f -printf '%P\\0%m %U:%G %n %T@\\0' '(' -size -129 -exec cat {} ';' -o -exec sha256sum {} ';' ')' \\
        -printf '\\0' -exec getfattr -d -m - {} ';' -printf '\\0'
      """;

  private final LabHost host;
  private final ZfsOptions options;
  private final FilesystemName top;

  ZfsLabSite(LabHost host, ZfsOptions options, FilesystemName top) {
    this.host = host;
    this.options = options;
    this.top = top;
  }

  @Override
  public CommandRunner runner() {
    return host.runner();
  }

  @Override
  public StorageBackend backend(CommandRunner runner) {
    return ZfsBackend.on(runner, options);
  }

  @Override
  public FilesystemName name(String leaf) {
    return top.child(leaf);
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
    return run(Command.of(
            "zfs", "list", "-H", "-r", "-t", "filesystem,volume", "-o", "name", top.value()))
        .lines()
        .anyMatch(filesystem.value()::equals);
  }

  @Override
  public void write(FilesystemName filesystem, String file, String text) {
    run(Command.of("sh", "-euc", WRITE, "sh", filesystem.value(), file).withInput(text));
  }

  @Override
  public void delete(FilesystemName filesystem, String file) {
    shell(DELETE, filesystem.value(), file);
  }

  @Override
  public Map<String, String> content(FilesystemName filesystem) {
    return content(filesystem.value());
  }

  @Override
  public Map<String, String> content(FilesystemName root, String path, String snapshot) {
    return content(root.child(path) + "@" + snapshot);
  }

  private Map<String, String> content(String version) {
    Map<String, String> content = new TreeMap<>();
    String[] fields = shell(CONTENT, version).split("\0", -1);
    for (int i = 0; i + 3 < fields.length; i += 4) {
      content.put(fields[i], fields[i + 2] + "\n-- " + fields[i + 1] + "\n" + fields[i + 3]);
    }
    return content;
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
                top.value())));
  }

  @Override
  public boolean isListing(Command command) {
    List<String> words = command.argv();
    return words.size() > 2 && words.subList(0, 3).equals(List.of("zfs", "list", "-Hp"));
  }

  private String shell(String script, String... arguments) {
    try {
      return host.shell(script, arguments);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private String run(Command command) {
    try {
      return host.run(command);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }
}
