package io.replication4j.examples.lab;

import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.zfs.ZfsBackend;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Two ZFS pools in files, without access times, so that reading changes nothing; of the kernel's
 * ZFS, or of zfs-fuse where there is none.
 */
public final class ZfsStorage implements Storage {

  private static final int ATTEMPTS = 20;

  private final Tools tools;
  private final Path directory;
  private final Optional<ZfsFuse> daemon;
  private final String tag = Long.toString(ProcessHandle.current().pid());
  private boolean attributes;
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
        ZfsFuse.isNeeded(tools) ? Optional.of(ZfsFuse.start(tools, directory)) : Optional.empty();
    ZfsStorage storage = new ZfsStorage(tools, directory, daemon);
    boolean done = false;
    try {
      storage.make("source", bytes);
      storage.make("target", bytes);
      String mount = directory.resolve("source").toString();
      storage.attributes = tools.succeeds("setfattr", "-n", "user.probe", "-v", "1", mount);
      storage.acls =
          tools.succeeds(
              "zfs", "set", "acltype=posixacl", storage.pool("source"), storage.pool("target"));
      done = true;
      return storage;
    } finally {
      if (!done) {
        storage.remove();
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
    tools.run(
        "zpool",
        "create",
        "-O",
        "atime=off",
        "-m",
        directory.resolve(name).toString(),
        pool(name),
        file.toString());
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
  public boolean hasAttributes() {
    return attributes;
  }

  @Override
  public boolean hasAcls() {
    return acls;
  }

  /** Clones, too: to list the extended attributes of a file, zfs-fuse writes to it. */
  @Override
  public Path openSource(String leaf) throws InterruptedException {
    return view("source", leaf);
  }

  /** Clones of the newest snapshots: a replica itself is not mounted, and stays as it is. */
  @Override
  public Path openTarget(String leaf) throws InterruptedException {
    return view("target", leaf);
  }

  private Path view(String side, String leaf) throws InterruptedException {
    Path view = directory.resolve(side + "-view");
    String root = pool(side) + "/" + leaf;
    for (String snapshot : newestSnapshots(root)) {
      String path = snapshot.substring(root.length(), snapshot.indexOf('@'));
      String clone = pool(side) + "/view" + path;
      tools.run("zfs", "clone", "-o", "mountpoint=" + view + path, snapshot, clone);
    }
    return view;
  }

  @Override
  public void closeBoth(String leaf) throws InterruptedException {
    retry("zfs", "destroy", "-r", pool("target") + "/view");
    retry("zfs", "destroy", "-r", pool("source") + "/view");
  }

  /** One of each dataset, parents first. */
  private Collection<String> newestSnapshots(String dataset) throws InterruptedException {
    Map<String, String> newest = new TreeMap<>();
    tools
        .run("zfs", "list", "-H", "-r", "-t", "snapshot", "-s", "createtxg", "-o", "name", dataset)
        .lines()
        .forEach(snapshot -> newest.put(snapshot.substring(0, snapshot.indexOf('@')), snapshot));
    return newest.values();
  }

  @Override
  public void remove() throws InterruptedException {
    for (String name : new String[] {"target", "source"}) {
      if (tools.succeeds("zpool", "list", pool(name))) {
        retry("zpool", "destroy", "-f", pool(name));
      }
    }
    daemon.ifPresent(ZfsFuse::close);
    tools.run("rm", "-rf", "--one-file-system", directory.toString());
  }

  /** zfs-fuse is done with a file a moment after its last user is; until then the pool is busy. */
  private void retry(String... argv) throws InterruptedException {
    for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
      if (tools.succeeds(argv)) {
        return;
      }
      Thread.sleep(500);
    }
    tools.run(argv);
  }
}
