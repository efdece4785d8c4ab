package io.replication4j.examples.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A zfs-fuse daemon of our own, for a machine whose kernel has no ZFS. There can be only one on a
 * machine.
 */
final class ZfsFuse implements AutoCloseable {

  private static final Duration TO_START = Duration.ofSeconds(30);

  private final Optional<Process> process;
  private final FileChannel lock;

  private ZfsFuse(Optional<Process> process, FileChannel lock) {
    this.process = process;
    this.lock = lock;
  }

  /** Whether the kernel has ZFS. */
  static boolean isNeeded(Tools tools) throws InterruptedException {
    return !tools.succeeds("sh", "-c", "[ -e /dev/zfs ] || modprobe zfs");
  }

  /**
   * Takes the daemon that runs, or starts one, and waits until it answers. Whoever else takes one
   * this way waits until this one is closed, so that nobody's daemon ends under another.
   *
   * @throws LabException if it cannot be had
   */
  static ZfsFuse start(Tools tools, Path directory) throws InterruptedException {
    if (!tools.succeeds("sh", "-c", "command -v zfs-fuse")) {
      throw new LabException("the kernel has no ZFS, and zfs-fuse is not installed");
    }
    FileChannel lock = lock();
    boolean runs = tools.succeeds("zpool", "list");
    ZfsFuse daemon = new ZfsFuse(runs ? Optional.empty() : Optional.of(launch(directory)), lock);
    long deadline = System.nanoTime() + TO_START.toNanos();
    while (!tools.succeeds("zpool", "list")) {
      if (daemon.hasEnded() || System.nanoTime() > deadline) {
        daemon.close();
        throw new LabException("zfs-fuse does not answer: needs root and /dev/fuse");
      }
    }
    return daemon;
  }

  /** Kept until the channel is closed. */
  private static FileChannel lock() {
    Path file = Path.of(System.getProperty("java.io.tmpdir"), "replication4j-zfs-fuse.lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        System.err.println("waiting for another user of zfs-fuse (lock: " + file + ")");
        channel.lock();
      }
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean hasEnded() throws InterruptedException {
    return process.isPresent() && process.get().waitFor(100, TimeUnit.MILLISECONDS);
  }

  private static Process launch(Path directory) {
    try {
      return new ProcessBuilder(
              "setsid",
              "zfs-fuse",
              "--no-daemon",
              "--enable-xattr",
              "--pidfile",
              directory.resolve("zfs-fuse.pid").toString())
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("zfs-fuse.log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it, by its own process id, if it was started here. */
  @Override
  public void close() {
    process.ifPresent(ZfsFuse::end);
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(Process process) {
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
