package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.Site;
import io.replication4j.zfs.testing.FakeZfs;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A pool of the ZFS in memory. */
record FakeZfsSite(FakeZfs zfs, String pool) implements Site {

  @Override
  public CommandRunner runner() {
    return zfs;
  }

  @Override
  public StorageBackend backend(CommandRunner runner) {
    return ZfsBackend.on(runner);
  }

  @Override
  public FilesystemName name(String leaf) {
    return FilesystemName.of(pool + "/" + leaf);
  }

  @Override
  public void create(FilesystemName filesystem) {
    zfs.createFilesystem(filesystem.value());
  }

  @Override
  public void rename(FilesystemName from, FilesystemName to) {
    run("zfs", "rename", from.value(), to.value());
  }

  @Override
  public void destroy(FilesystemName filesystem) {
    run("zfs", "destroy", "-r", filesystem.value());
  }

  private void run(String... argv) {
    CommandResult result = zfs.run(Command.of(argv));
    if (!result.succeeded()) {
      throw new IllegalStateException(List.of(argv) + ": " + result.errorTail());
    }
  }

  @Override
  public boolean exists(FilesystemName filesystem) {
    return zfs.exists(filesystem.value());
  }

  @Override
  public void write(FilesystemName filesystem, String file, String text) {
    zfs.write(filesystem.value(), file, text);
  }

  @Override
  public void delete(FilesystemName filesystem, String file) {
    zfs.delete(filesystem.value(), file);
  }

  @Override
  public Map<String, String> content(FilesystemName filesystem) {
    return zfs.content(filesystem.value());
  }

  @Override
  public Map<String, String> content(FilesystemName root, String path, String snapshot) {
    return zfs.content(root.child(path) + "@" + snapshot);
  }

  @Override
  public FilesystemName aside(FilesystemName root, String member, String asideName) {
    return FilesystemName.of(ZfsAside.aside(root, member, asideName));
  }

  @Override
  public Set<String> leftovers() {
    return zfs.leftovers();
  }

  @Override
  public boolean isListing(Command command) {
    return RealZfs.lists(command);
  }

  /** Two hosts with a pool each. */
  static RealZfsWorld world(FakeZfs here, FakeZfs there, RealZfsWorld.Capabilities capabilities) {
    here.createPool("tank");
    there.createPool("backup");
    return new RealZfsWorld(
        new FakeZfsSite(here, "tank"), new FakeZfsSite(there, "backup"), capabilities);
  }
}
