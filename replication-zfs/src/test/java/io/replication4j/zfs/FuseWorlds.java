package io.replication4j.zfs;

import io.replication4j.command.LocalCommandRunner;
import io.replication4j.testing.World;
import io.replication4j.zfs.testing.ZfsFuse;
import java.nio.file.Path;

/** Two pools of zfs-fuse, in which each world gets a place of its own. */
final class FuseWorlds implements AutoCloseable {

  private static final int MEBIBYTES = 1024;

  private final ZfsFuse fuse = ZfsFuse.start();
  private final LocalCommandRunner runner = LocalCommandRunner.create();
  private final Path one;
  private final Path two;
  private int number;

  FuseWorlds() throws InterruptedException {
    try {
      one = createPool("r4jone");
      two = createPool("r4jtwo");
    } catch (RuntimeException | InterruptedException e) {
      close();
      throw e;
    }
  }

  private Path createPool(String name) throws InterruptedException {
    Path mountPoint = fuse.createPool(name, MEBIBYTES);
    ZfsFuse.run("zfs", "set", "atime=off", name);
    return mountPoint;
  }

  World open() throws InterruptedException {
    number++;
    return new RealZfsWorld(
        site("here", "r4jone", one), site("there", "r4jtwo", two), RealZfsWorld.OLD);
  }

  private RealZfs site(String host, String pool, Path mountPoint) throws InterruptedException {
    String scratch = pool + "/t" + number;
    String directory = mountPoint.resolveSibling("peek-" + pool + number).toString();
    ZfsFuse.run("zfs", "create", "-o", "mountpoint=none", scratch);
    return new RealZfs(new NamedRunner(host, runner), scratch, directory, false);
  }

  @Override
  public void close() {
    runner.close();
    fuse.close();
  }
}
