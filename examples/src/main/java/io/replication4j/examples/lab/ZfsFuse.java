package io.replication4j.examples.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A zfs-fuse daemon of our own, for a machine whose kernel has no ZFS. There can be only one on a machine. */
final class ZfsFuse implements AutoCloseable {

  private static final Duration TO_START = Duration.ofSeconds(30);

  private final Process process;

  private ZfsFuse(Process process) {
    this.process = process;
  }

  /** Whether there is a ZFS already, in the kernel or by somebody's daemon. */
  static boolean answers(Tools tools) throws InterruptedException {
    return tools.succeeds("sh", "-c", "zpool list || { modprobe zfs && zpool list; }");
  }

  /**
   * Starts a daemon and waits until it answers.
   *
   * @throws LabException if it cannot be had
   */
  static ZfsFuse start(Tools tools, Path directory) throws InterruptedException {
    if (!tools.succeeds("sh", "-c", "command -v zfs-fuse")) {
      throw new LabException("the ZFS tools find no kernel module, and zfs-fuse is not installed");
    }
    ZfsFuse daemon = new ZfsFuse(launch(directory));
    long deadline = System.nanoTime() + TO_START.toNanos();
    while (!tools.succeeds("zpool", "list")) {
      if (daemon.process.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        daemon.close();
        throw new LabException("zfs-fuse does not answer: " + directory.resolve("zfs-fuse.log"));
      }
    }
    return daemon;
  }

  private static Process launch(Path directory) {
    try {
      return new ProcessBuilder(
              "setsid", "zfs-fuse", "--no-daemon", "--enable-xattr", "--pidfile", directory.resolve("zfs-fuse.pid").toString())
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("zfs-fuse.log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it, by its own process id. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
