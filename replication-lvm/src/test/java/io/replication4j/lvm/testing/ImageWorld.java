package io.replication4j.lvm.testing;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.lvm.ImageBackend;
import io.replication4j.lvm.ImageOptions;
import io.replication4j.lvm.LvmOptions;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A host with a volume group in memory, and a directory of this machine for images of its volumes.
 */
public record ImageWorld(Site source, ImageSite target) implements World {

  private static final Path MEMORY = Path.of("/dev/shm");

  /** Images that lie in memory where there is such, so that nobody waits for a disk. */
  public static ImageWorld open(Clock clock) throws IOException {
    return open(clock, ImageOptions.defaults());
  }

  public static ImageWorld open(Clock clock, ImageOptions options) throws IOException {
    return of(FakeLvmWorld.open(LvmOptions.defaults(), clock).source(), options);
  }

  /** The same, with snapshots that have room for most of a volume at the source. */
  public static ImageWorld withLargeSnapshots(Clock clock) throws IOException {
    LvmOptions large = LvmOptions.builder().reservePercent(80).build();
    return of(FakeLvmWorld.open(large, clock).source(), ImageOptions.defaults());
  }

  /** The same, with thin volumes at the source. */
  public static ImageWorld withThinSource(Clock clock) throws IOException {
    return of(FakeLvmWorld.open(clock, true, false).source(), ImageOptions.defaults());
  }

  private static ImageWorld of(Site source, ImageOptions options) throws IOException {
    Path parent = Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    Path directory = Files.createTempDirectory(parent, "r4j it's $(a) \"dir\"; é");
    return new ImageWorld(source, new ImageSite(directory, LocalCommandRunner.create(), options));
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(false, false, false, false, false, false);
  }

  @Override
  public boolean keepsVersions() {
    return false;
  }

  @Override
  public boolean hasChildren() {
    return false;
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(target.directory())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Where the images are. What is in one is what a {@link FakeLvm} has in its volumes: texts by
   * name.
   */
  public record ImageSite(Path directory, CommandRunner runner, ImageOptions options)
      implements Site {

    @Override
    public StorageBackend backend(CommandRunner through) {
      return ImageBackend.on(through, options);
    }

    @Override
    public FilesystemName name(String leaf) {
      return FilesystemName.of(directory.resolve(leaf).toString());
    }

    private static Path file(FilesystemName name) {
      return Path.of(name.value());
    }

    /** A file that holds zeroes. */
    @Override
    public void create(FilesystemName filesystem) {
      store(file(filesystem), new byte[(int) FakeLvm.VOLUME_BYTES]);
    }

    @Override
    public void rename(FilesystemName from, FilesystemName to) {
      throw new UnsupportedOperationException("files have no children");
    }

    @Override
    public void destroy(FilesystemName filesystem) {
      try {
        Files.delete(file(filesystem));
        Files.deleteIfExists(Path.of(filesystem + ".r4j"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean exists(FilesystemName filesystem) {
      return Files.exists(file(filesystem));
    }

    @Override
    public void write(FilesystemName filesystem, String file, String text) {
      put(file(filesystem), file, FakeLvm.entry(file, text));
    }

    @Override
    public void delete(FilesystemName filesystem, String file) {
      put(file(filesystem), file, new byte[FakeVolume.CHUNK]);
    }

    /** In the place of that text, or the first that is free. */
    private static void put(Path image, String file, byte[] entry) {
      byte[] bytes = load(image);
      int free = -1;
      for (int at = bytes.length - FakeVolume.CHUNK; at >= 0; at -= FakeVolume.CHUNK) {
        byte[] chunk = Arrays.copyOfRange(bytes, at, at + FakeVolume.CHUNK);
        boolean isIt = FakeLvm.read(chunk).map(fields -> fields[0].equals(file)).orElse(true);
        free = isIt ? at : free;
        if (isIt && FakeLvm.read(chunk).isPresent()) {
          break;
        }
      }
      System.arraycopy(entry, 0, bytes, free, entry.length);
      store(image, bytes);
    }

    private static byte[] load(Path image) {
      try {
        return Files.readAllBytes(image);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void store(Path image, byte[] bytes) {
      try {
        Files.write(image, bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Map<String, String> content(FilesystemName filesystem) {
      byte[] bytes = load(file(filesystem));
      Map<String, String> content = new TreeMap<>();
      for (int at = 0; at < bytes.length; at += FakeVolume.CHUNK) {
        byte[] chunk = Arrays.copyOfRange(bytes, at, at + FakeVolume.CHUNK);
        FakeLvm.read(chunk).ifPresent(fields -> content.put(fields[0], fields[1]));
      }
      return content;
    }

    /** Of the one version that there is. */
    @Override
    public Map<String, String> content(FilesystemName root, String path, String snapshot) {
      return content(root);
    }

    @Override
    public FilesystemName aside(FilesystemName root, String member, String asideName) {
      return FilesystemName.of(root + "." + asideName);
    }

    @Override
    public Set<String> leftovers() {
      try (Stream<Path> files = Files.list(directory)) {
        return files
            .map(file -> String.valueOf(file.getFileName()))
            .filter(name -> name.matches(".*\\.r4j-.*"))
            .collect(Collectors.toCollection(TreeSet::new));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean isListing(Command command) {
      return List.of("yes", "no").contains(argument(command))
          && command.argv().get(2).contains("look()");
    }

    private static String argument(Command command) {
      return command.argv().size() > 4 ? command.argv().get(4) : "";
    }
  }
}
