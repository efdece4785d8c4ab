package io.replication4j.btrfs.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Real btrfs filesystems on sparse files, each mounted in a directory of ours. Needs root and loop
 * devices.
 *
 * <p>{@link #close} unmounts and deletes what it made, and nothing else; also after a failure, and
 * when the JVM is told to end before that.
 */
public final class BtrfsLoop implements AutoCloseable {

  private final Path directory;
  private final List<Path> mounted = new CopyOnWriteArrayList<>();
  private final Thread atExit = new Thread(this::remove);

  private BtrfsLoop(Path directory) {
    this.directory = directory;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Whether this machine has what it takes. */
  public static boolean isPossible() {
    return "root".equals(System.getProperty("user.name"))
        && Files.exists(Path.of("/dev/loop-control"))
        && Files.exists(Path.of("/dev/btrfs-control"));
  }

  /** Without a filesystem yet. */
  public static BtrfsLoop create() {
    try {
      return new BtrfsLoop(Files.createTempDirectory("btrfs-loop").toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a filesystem of that many mebibytes (128 or more), and returns where it is mounted.
   *
   * @param options as in mount(8): {@code noatime} where reading must not count as a change
   */
  public Path mount(String name, int mebibytes, String options) {
    Path image = directory.resolve(name + ".img");
    Path point = directory.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) mebibytes << 20);
      Files.createDirectory(point);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run("mkfs.btrfs", "-q", image.toString());
    run("mount", "-o", "loop," + options, image.toString(), point.toString());
    mounted.add(point);
    return point;
  }

  /** Mounts a subvolume of what is mounted at {@code point} once more, and returns where. */
  public Path mountAgain(Path point, String subvolume, String name) {
    Path again = directory.resolve(name);
    try {
      Files.createDirectory(again);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String device = run("findmnt", "-n", "-v", "-o", "SOURCE", point.toString()).strip();
    run("mount", "-o", "noatime,subvol=" + subvolume, device, again.toString());
    mounted.add(again);
    return again;
  }

  /** The directory that images and mount points lie in; not on a btrfs of ours itself. */
  public Path directory() {
    return directory;
  }

  /**
   * Runs a command and returns what it says.
   *
   * @throws IllegalStateException if its exit status is not 0
   */
  public static String run(String... argv) {
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
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    remove();
  }

  private void remove() {
    List<RuntimeException> failures = new ArrayList<>();
    for (Path point : mounted) {
      try {
        run("umount", "--recursive", point.toString());
      } catch (RuntimeException busy) {
        run("umount", "--recursive", "--lazy", point.toString());
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      failures.add(new IllegalStateException("left behind: " + directory, e));
    }
    failures.stream()
        .findFirst()
        .ifPresent(
            e -> {
              throw e;
            });
  }
}
