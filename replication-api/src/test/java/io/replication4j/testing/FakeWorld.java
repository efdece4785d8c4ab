package io.replication4j.testing;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Two hosts with fake storage. */
public final class FakeWorld implements World {

  private final FakeHost source;
  private final FakeHost target;

  private FakeWorld(FakeHost source, FakeHost target) {
    this.source = source;
    this.target = target;
  }

  /** Two hosts, {@code here} and {@code there}, with storage that behaves like ZFS. */
  public static FakeWorld zfsLike(Clock clock) {
    return new FakeWorld(
        FakeHost.zfsLike("here", clock, FakeHost.countedIds("s")),
        FakeHost.zfsLike("there", clock, FakeHost.countedIds("t")));
  }

  /** Two hosts, {@code here} and {@code there}, with storage that behaves like btrfs. */
  public static FakeWorld btrfsLike(Clock clock) {
    return new FakeWorld(
        FakeHost.btrfsLike("here", clock, FakeHost.countedIds("s")),
        FakeHost.btrfsLike("there", clock, FakeHost.countedIds("t")));
  }

  @Override
  public Site source() {
    return new FakeSite(source, "tank");
  }

  @Override
  public Site target() {
    return new FakeSite(target, "backup");
  }

  @Override
  public Capabilities capabilities() {
    boolean zfs = !source.isBtrfsLike();
    return new Capabilities(zfs, zfs, zfs, zfs, true, !zfs);
  }

  @Override
  public void close() {}

  /** A fake host as a site; its scratch storage is everything below {@code top}. */
  private record FakeSite(FakeHost host, String top) implements Site {

    @Override
    public CommandRunner runner() {
      return host;
    }

    @Override
    public StorageBackend backend(CommandRunner runner) {
      return FakeStorage.on(host, runner);
    }

    @Override
    public FilesystemName name(String leaf) {
      return FilesystemName.of((host.isBtrfsLike() ? "/" : "") + top + "/" + leaf);
    }

    @Override
    public void create(FilesystemName filesystem) {
      host.create(filesystem.value());
    }

    @Override
    public void rename(FilesystemName from, FilesystemName to) {
      host.rename(from.value(), to.value());
    }

    @Override
    public void destroy(FilesystemName filesystem) {
      host.destroy(filesystem.value());
    }

    @Override
    public boolean exists(FilesystemName filesystem) {
      return host.exists(filesystem.value());
    }

    @Override
    public void write(FilesystemName filesystem, String file, String text) {
      host.write(filesystem.value(), file, text);
    }

    @Override
    public void delete(FilesystemName filesystem, String file) {
      host.delete(filesystem.value(), file);
    }

    @Override
    public Map<String, String> content(FilesystemName filesystem) {
      return host.content(filesystem.value());
    }

    @Override
    public Map<String, String> content(FilesystemName root, String path, String snapshot) {
      return host.content(root.value(), path, snapshot);
    }

    @Override
    public FilesystemName aside(FilesystemName root, String member, String asideName) {
      return FakeDisk.aside(root, member, asideName);
    }

    @Override
    public Set<String> leftovers() {
      return host.partial();
    }

    @Override
    public boolean isListing(Command command) {
      return command.argv().subList(0, 2).equals(List.of("fake", "list"));
    }
  }
}
