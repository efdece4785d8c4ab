package io.replication4j.zfs.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Real ZFS pools on plain files, without a kernel module: by the zfs-fuse daemon that runs already,
 * or one of our own that ends with this fixture. Needs root and /dev/fuse. Only one fixture on a
 * machine at a time: the next one waits.
 *
 * <p>{@link #close} destroys the pools that it made, and nothing else; its daemon stays while
 * others have pools there.
 */
public final class ZfsFuse implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 30;

  private final FileChannel lockFile;
  private final FileLock lock;
  private final Path directory;
  private final Optional<Process> daemon;
  private final List<String> pools = new ArrayList<>();

  private ZfsFuse(FileChannel lockFile, FileLock lock, Path directory, Optional<Process> daemon) {
    this.lockFile = lockFile;
    this.lock = lock;
    this.directory = directory;
    this.daemon = daemon;
  }

  /** Whether this machine has what it takes. */
  public static boolean isPossible() {
    return Files.isWritable(Path.of("/dev/fuse"))
        && Stream.of("/usr/sbin/zfs-fuse", "/sbin/zfs-fuse")
            .map(Path::of)
            .anyMatch(Files::isExecutable);
  }

  /**
   * Waits for other fixtures on this machine, and for the daemon to answer.
   *
   * @throws IllegalStateException if it does not
   */
  public static ZfsFuse start() throws InterruptedException {
    try {
      FileChannel lockFile =
          FileChannel.open(
              Path.of(System.getProperty("java.io.tmpdir"), "replication4j-zfs-fuse.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      FileLock lock = lockFile.lock();
      Path directory = Files.createTempDirectory("zfs-fuse");
      boolean runs = exitStatus("zpool", "list") == 0;
      ZfsFuse fuse =
          new ZfsFuse(
              lockFile, lock, directory, runs ? Optional.empty() : Optional.of(daemon(directory)));
      try {
        fuse.awaitAnswer();
        return fuse;
      } catch (RuntimeException | InterruptedException e) {
        fuse.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It goes with the thread that calls this, also when the JVM is killed. */
  private static Process daemon(Path directory) throws IOException {
    return new ProcessBuilder("setpriv", "--pdeathsig", "TERM", "zfs-fuse", "--no-daemon")
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("daemon.log").toFile())
        .start();
  }

  private void awaitAnswer() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (exitStatus("zpool", "list") != 0) {
      boolean ended = daemon.isPresent() && daemon.get().waitFor(100, TimeUnit.MILLISECONDS);
      if (ended || System.nanoTime() > deadline) {
        throw new IllegalStateException("zfs-fuse does not answer: see " + directory);
      }
    }
  }

  /**
   * Makes a pool of that name on a sparse file, mounted in a directory of ours, and returns where.
   */
  public Path createPool(String name, int mebibytes) throws InterruptedException {
    Path image = directory.resolve(name + ".img");
    Path mountPoint = directory.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) mebibytes << 20);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (isLeftOver(name)) {
      destroyPool(name);
    }
    run("zpool", "create", "-m", mountPoint.toString(), name, image.toString());
    pools.add(name);
    return mountPoint;
  }

  /** Whether it is the pool of a fixture that was killed: whoever has the lock is the only one. */
  private boolean isLeftOver(String pool) throws InterruptedException {
    Path fixtures = directory.resolveSibling("zfs-fuse");
    return exitStatus("zpool", "list", pool) == 0
        && run("zpool", "status", pool).contains(fixtures.toString());
  }

  /**
   * Runs a command and returns its output.
   *
   * @throws IllegalStateException if its exit status is not 0; the message holds what it said
   */
  public static String run(String... argv) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(argv).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", argv) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * As {@link #run}, and again while the dataset is busy: zfs-fuse is done with an unmount some
   * time after it said so.
   */
  public static String runPatiently(String... argv) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        return run(argv);
      } catch (IllegalStateException e) {
        if (!String.valueOf(e.getMessage()).contains("busy") || System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  private static int exitStatus(String... argv) throws InterruptedException {
    try {
      return new ProcessBuilder(argv)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      for (String pool : pools) {
        destroyPool(pool);
      }
      if (daemon.isPresent() && !hasOtherPools()) {
        daemon.get().destroy();
        if (!daemon.get().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          daemon.get().destroyForcibly();
        }
      }
      delete();
      lock.release();
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void destroyPool(String pool) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (exitStatus("zpool", "list", pool) == 0
        && exitStatus("zpool", "destroy", "-f", pool) != 0
        && System.nanoTime() < deadline) {
      Thread.onSpinWait(); // zfs-fuse is done with an unmount some time after it said so
    }
  }

  /** Somebody else may have begun to use our daemon. */
  private static boolean hasOtherPools() throws InterruptedException {
    return !run("zpool", "list", "-H", "-o", "name").isBlank();
  }

  /**
   * Never beyond a mount point that could not be taken down: directories that are not empty stay.
   */
  private void delete() throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory, 1)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      if (Files.isRegularFile(path) || isEmpty(path)) {
        Files.delete(path);
      }
    }
  }

  private static boolean isEmpty(Path path) throws IOException {
    try (Stream<Path> list = Files.list(path)) {
      return list.findAny().isEmpty();
    }
  }
}
