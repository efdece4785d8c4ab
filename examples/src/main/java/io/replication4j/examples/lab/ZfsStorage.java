package io.replication4j.examples.lab;

import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.zfs.ZfsBackend;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Two ZFS pools in files; of the kernel's ZFS, or of zfs-fuse where there is none. */
public final class ZfsStorage implements Storage {

  private final Tools tools;
  private final Path directory;
  private final Optional<ZfsFuse> daemon;
  private final String tag = Long.toString(ProcessHandle.current().pid());
  private boolean acls;

  private ZfsStorage(Tools tools, Path directory, Optional<ZfsFuse> daemon) {
    this.tools = tools;
    this.directory = directory;
    this.daemon = daemon;
  }

  /**
   * Makes and mounts both.
   *
   * @param directory an empty directory, removed at the end
   * @throws LabException if this machine has no ZFS that answers
   */
  static ZfsStorage create(Tools tools, Path directory, long bytes) throws InterruptedException {
    Optional<ZfsFuse> daemon =
        ZfsFuse.answers(tools) ? Optional.empty() : Optional.of(ZfsFuse.start(tools, directory));
    ZfsStorage storage = new ZfsStorage(tools, directory, daemon);
    boolean done = false;
    try {
      storage.make("source", bytes);
      storage.make("target", bytes);
      storage.acls = tools.succeeds("zfs", "set", "acltype=posixacl", storage.pool("source"));
      done = true;
      return storage;
    } finally {
      if (!done) {
        storage.close();
      }
    }
  }

  private void make(String name, long bytes) throws InterruptedException {
    Path file = directory.resolve(name + ".img");
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
      image.setLength(bytes);
      Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    tools.run("zpool", "create", "-m", directory.resolve(name).toString(), pool(name), file.toString());
  }

  private String pool(String name) {
    return "r4j-" + name + "-" + tag;
  }

  @Override
  public String scheme() {
    return "zfs";
  }

  @Override
  public StorageBackend backend(CommandRunner runner) {
    return ZfsBackend.on(runner);
  }

  @Override
  public String createSource(String leaf) throws InterruptedException {
    String dataset = pool("source") + "/" + leaf;
    tools.run("zfs", "create", dataset);
    return dataset;
  }

  @Override
  public String target(String leaf) {
    return pool("target") + "/" + leaf;
  }

  @Override
  public Path sourceDirectory(String leaf) {
    return directory.resolve("source").resolve(leaf);
  }

  @Override
  public void createChild(String leaf, String path) throws InterruptedException {
    tools.run("zfs", "create", pool("source") + "/" + leaf + "/" + path);
  }

  @Override
  public String childWord() {
    return "child dataset";
  }

  @Override
  public boolean hasAcls() {
    return acls;
  }

  @Override
  public Path openTarget(String leaf) throws InterruptedException {
    for (String dataset : datasets(leaf)) {
      if (!tools.run("zfs", "get", "-H", "-o", "value", "mounted", dataset).strip().equals("yes")) {
        tools.run("zfs", "mount", dataset);
      }
    }
    return directory.resolve("target").resolve(leaf);
  }

  @Override
  public void closeTarget(String leaf) throws InterruptedException {
    List<String> datasets = datasets(leaf);
    for (int i = datasets.size() - 1; i >= 0; i--) {
      tools.run("zfs", "unmount", datasets.get(i));
    }
  }

  private List<String> datasets(String leaf) throws InterruptedException {
    return tools.run("zfs", "list", "-H", "-r", "-o", "name", "-t", "filesystem", target(leaf))
        .lines()
        .toList();
  }

  @Override
  public void close() throws InterruptedException {
    for (String name : new String[] {"target", "source"}) {
      if (tools.succeeds("zpool", "list", pool(name))) {
        tools.run("zpool", "destroy", "-f", pool(name));
      }
    }
    daemon.ifPresent(ZfsFuse::close);
    tools.run("rm", "-rf", "--one-file-system", directory.toString());
  }
}
