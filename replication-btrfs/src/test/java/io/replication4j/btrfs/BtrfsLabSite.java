package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.btrfs.testing.BtrfsLeftovers;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.Site;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A directory on the btrfs of one host of the lab, and the subvolumes below it. */
final class BtrfsLabSite implements Site {

  /** Deletes the subvolume, those nested in it first: the longer path is the deeper one. */
  private static final String DESTROY =
      """
      find "$1" -inum 256 -type d -printf '%d %p\\n' | sort -rn | cut -d' ' -f2- | while IFS= read -r subvolume; do
        btrfs property set -f "$subvolume" ro false
        btrfs -q subvolume delete "$subvolume"
      done
      btrfs filesystem sync "$(dirname "$1")"
      """;

  private static final String WRITE =
      """
      btrfs property set "$1" ro false
      cd "$1"
      mkdir -p "$(dirname "$2")"
      cat >"$2"
      chown 1234:99 "$2"
      chmod 640 "$2"
      setfattr -n user.of -v "$2" "$2"
      btrfs filesystem sync .
      """;

  private static final String DELETE =
      "btrfs property set \"$1\" ro false; rm -f \"$1/$2\"; btrfs filesystem sync \"$1\"";

  /**
   * Each file's path, its metadata, its text (of a long one its digest) and its extended
   * attributes, each ended by a NUL.
   */
  private static final String CONTENT =
      """
      cd "$1"
      [ "$(stat -c %i .)" = 256 ]
      find . -xdev -type f -printf '%P\\0%m %U:%G %n %T@\\0' '(' -size -129 -exec cat {} ';' -o -exec sha256sum {} ';' ')' \\
        -printf '\\0' -exec getfattr -d -m - {} ';' -printf '\\0'
      """;

  private final LabHost host;
  private final BtrfsOptions options;
  private final FilesystemName top;

  BtrfsLabSite(LabHost host, BtrfsOptions options, FilesystemName top) {
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
    return BtrfsBackend.on(runner, options);
  }

  @Override
  public FilesystemName name(String leaf) {
    return top.child(leaf);
  }

  @Override
  public void create(FilesystemName filesystem) {
    shell("btrfs -q subvolume create \"$1\"; btrfs filesystem sync \"$1\"", filesystem.value());
  }

  @Override
  public void rename(FilesystemName from, FilesystemName to) {
    shell("mv -T -- \"$1\" \"$2\"; btrfs filesystem sync \"$2\"", from.value(), to.value());
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
    String sets =
        BtrfsLayout.parentOf(root.value())
            + "/"
            + BtrfsLayout.DIRECTORY
            + "/"
            + BtrfsLayout.encode(leaf(root));
    return content(sets + "/" + BtrfsLayout.encode(snapshot) + "/" + BtrfsLayout.entry(path));
  }

  private static String leaf(FilesystemName name) {
    return name.value().substring(name.value().lastIndexOf('/') + 1);
  }

  private Map<String, String> content(String directory) {
    Map<String, String> content = new TreeMap<>();
    String[] fields = shell(CONTENT, directory).split("\0", -1);
    for (int i = 0; i + 3 < fields.length; i += 4) {
      content.put(fields[i], fields[i + 2] + "\n-- " + fields[i + 1] + "\n" + fields[i + 3]);
    }
    return content;
  }

  @Override
  public FilesystemName aside(FilesystemName root, String member, String asideName) {
    return FilesystemName.of(
        root + "-" + asideName + (member.isEmpty() ? "" : "-" + BtrfsLayout.encode(member)));
  }

  @Override
  public Set<String> leftovers() {
    return BtrfsLeftovers.among(
        shell("btrfs subvolume list -o \"$1\" | sed 's/^.* path //'", top.value())
            .lines()
            .toList());
  }

  @Override
  public boolean isListing(Command command) {
    return command.argv().size() > 2
        && command.argv().subList(0, 3).equals(List.of("btrfs", "subvolume", "list"));
  }

  private String shell(String script, String... arguments) {
    try {
      return host.shell(script, arguments);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void run(Command command) {
    try {
      host.run(command);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }
}
