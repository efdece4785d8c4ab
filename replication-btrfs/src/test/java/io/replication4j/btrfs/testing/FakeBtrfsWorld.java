package io.replication4j.btrfs.testing;

import io.replication4j.FilesystemName;
import io.replication4j.btrfs.BtrfsBackend;
import io.replication4j.btrfs.BtrfsOptions;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Two hosts with a btrfs in memory each. */
public record FakeBtrfsWorld(Site source, Site target) implements World {

  /** Both exchange names in the same way. */
  public static FakeBtrfsWorld open(
      BtrfsOptions options, FakeBtrfs.Exchange exchange, Clock clock) {
    return new FakeBtrfsWorld(
        new FakeSite(FakeBtrfs.mounted("here", "/srv/here", exchange, clock), "/srv/here", options),
        new FakeSite(
            FakeBtrfs.mounted("there", "/srv/there", exchange, clock), "/srv/there", options));
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(false, false, false, false, true, true);
  }

  /** Nothing to close: it is only memory. */
  @Override
  public void close() {}

  /** One of the two. */
  private record FakeSite(FakeBtrfs btrfs, String point, BtrfsOptions options) implements Site {

    @Override
    public CommandRunner runner() {
      return btrfs;
    }

    @Override
    public StorageBackend backend(CommandRunner runner) {
      return BtrfsBackend.on(runner, options);
    }

    @Override
    public FilesystemName name(String leaf) {
      return FilesystemName.of(point + "/" + leaf);
    }

    @Override
    public void create(FilesystemName filesystem) {
      btrfs.createSubvolume(filesystem.value());
    }

    @Override
    public void rename(FilesystemName from, FilesystemName to) {
      btrfs.move(from.value(), to.value());
    }

    @Override
    public void destroy(FilesystemName filesystem) {
      btrfs.deleteTree(filesystem.value());
    }

    @Override
    public boolean exists(FilesystemName filesystem) {
      return btrfs.exists(filesystem.value());
    }

    @Override
    public void write(FilesystemName filesystem, String file, String text) {
      btrfs.write(filesystem.value(), file, text);
    }

    @Override
    public void delete(FilesystemName filesystem, String file) {
      btrfs.delete(filesystem.value(), file);
    }

    @Override
    public Map<String, String> content(FilesystemName filesystem) {
      return btrfs.content(filesystem.value());
    }

    @Override
    public Map<String, String> content(FilesystemName root, String path, String snapshot) {
      String value = root.value();
      int slash = value.lastIndexOf('/');
      return btrfs.content(
          value.substring(0, slash)
              + "/.replication4j/"
              + encode(value.substring(slash + 1))
              + "/"
              + encode(snapshot)
              + "/@"
              + encode(path));
    }

    private static String encode(String name) {
      return name.replace("%", "%25").replace("/", "%2F");
    }

    @Override
    public FilesystemName aside(FilesystemName root, String member, String asideName) {
      return FilesystemName.of(
          root + "-" + asideName + (member.isEmpty() ? "" : "-" + encode(member)));
    }

    @Override
    public Set<String> leftovers() {
      List<String> paths = new ArrayList<>(btrfs.subvolumes());
      paths.addAll(btrfs.spools());
      return BtrfsLeftovers.among(paths);
    }

    @Override
    public boolean isListing(Command command) {
      return command.argv().size() > 2
          && command.argv().subList(0, 3).equals(List.of("btrfs", "subvolume", "list"));
    }
  }
}
