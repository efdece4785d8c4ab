package io.replication4j.examples.lab;

import io.replication4j.btrfs.BtrfsBackend;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Two btrfs filesystems in files, mounted by loop devices; without access times, so that reading
 * changes nothing.
 */
public final class BtrfsStorage implements Storage {

  private final Tools tools;
  private final Path directory;

  private BtrfsStorage(Tools tools, Path directory) {
    this.tools = tools;
    this.directory = directory;
  }

  /**
   * Makes and mounts both.
   *
   * @param directory an empty directory, removed at the end
   * @throws LabException if this machine has no loop devices or no btrfs
   */
  static BtrfsStorage create(Tools tools, Path directory, long bytes) throws InterruptedException {
    BtrfsStorage storage = new BtrfsStorage(tools, directory);
    boolean done = false;
    try {
      storage.make("source", bytes);
      storage.make("target", bytes);
      done = true;
      return storage;
    } finally {
      if (!done) {
        storage.remove();
      }
    }
  }

  private void make(String name, long bytes) throws InterruptedException {
    Path image = directory.resolve(name + ".img");
    Path mount = directory.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
      Files.createDirectories(mount);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    tools.run("mkfs.btrfs", "-q", image.toString());
    tools.run("mount", "-o", "loop,noatime", image.toString(), mount.toString());
  }

  @Override
  public String scheme() {
    return "btrfs";
  }

  @Override
  public StorageBackend backend(CommandRunner runner) {
    return BtrfsBackend.on(runner);
  }

  @Override
  public String createSource(String leaf) throws InterruptedException {
    String subvolume = sourceDirectory(leaf).toString();
    tools.run("btrfs", "-q", "subvolume", "create", subvolume);
    return subvolume;
  }

  @Override
  public String target(String leaf) {
    return directory.resolve("target").resolve(leaf).toString();
  }

  @Override
  public Path sourceDirectory(String leaf) {
    return directory.resolve("source").resolve(leaf);
  }

  @Override
  public void createChild(String leaf, String path) throws InterruptedException {
    tools.run("btrfs", "-q", "subvolume", "create", sourceDirectory(leaf).resolve(path).toString());
  }

  @Override
  public String childWord() {
    return "nested subvolume";
  }

  @Override
  public boolean hasAttributes() {
    return true;
  }

  @Override
  public boolean hasAcls() {
    return true;
  }

  @Override
  public Path openSource(String leaf) {
    return sourceDirectory(leaf);
  }

  @Override
  public Path openTarget(String leaf) {
    return Path.of(target(leaf));
  }

  @Override
  public void closeBoth(String leaf) {}

  @Override
  public void remove() throws InterruptedException {
    for (String name : new String[] {"target", "source"}) {
      Path mount = directory.resolve(name);
      if (tools.succeeds("mountpoint", "-q", mount.toString())) {
        tools.run("umount", mount.toString());
      }
    }
    tools.run("rm", "-rf", "--one-file-system", directory.toString());
  }
}
