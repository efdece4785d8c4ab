package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The stream that a destination is to get: a file that was checked, is on disk and named after its
 * content before the first byte of it is written to the destination, and is removed when the last
 * one is on disk there. Used by the holder of the destination's lock.
 */
final class Journal {

  private static final Path FOR_DEVICES = Path.of("/var/lib/replication4j");

  private final Path directory;
  private final String name;

  private Journal(Path directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  static Journal of(Path destination, Optional<Path> directory) throws IOException {
    boolean device = DeviceFile.isBlockDevice(destination);
    Path place = device ? DeviceUse.lastingPath(destination) : destination.toRealPath();
    if (directory.isPresent()) {
      return new Journal(directory.get(), flat(place));
    }
    return device
        ? new Journal(privateDirectory(), flat(place))
        : new Journal(place.resolveSibling(""), "." + place.getFileName());
  }

  /** No two paths have the same. */
  private static String flat(Path absolute) {
    return absolute.toString().substring(1).replace("_", "__").replace("-", "_-").replace('/', '-');
  }

  private static Path privateDirectory() throws IOException {
    return Files.createDirectories(FOR_DEVICES, permissions("rwx------"));
  }

  private static FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  // ------------------------------------------------------------------ what was left

  /**
   * The stream of a merge that was interrupted while it wrote; one that had not arrived is removed.
   *
   * @throws CorruptCowException if it is not any more what it was
   */
  Optional<Path> pending(CowSink check) throws IOException {
    Files.deleteIfExists(arriving());
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, this::isComplete)) {
      all.forEach(found::add);
    }
    for (Path stream : found) {
      requireUnchanged(stream, check);
    }
    if (found.size() > 1) {
      throw new CorruptCowException(
          "more than one journal: " + found + "; remove those that are not ours");
    }
    return found.stream().findFirst();
  }

  private boolean isComplete(Path file) {
    String fileName = String.valueOf(file.getFileName());
    return fileName.startsWith(name + ".merge-")
        && fileName
            .substring(name.length())
            .matches("\\.merge-[0-9]+-[0-9a-f]{8}\\.cow"); // as named(Content)
  }

  private void requireUnchanged(Path stream, CowSink check) throws IOException {
    try (FileChannel in = FileChannel.open(stream, StandardOpenOption.READ)) {
      if (named(CowReader.readFromFile(in, check)).equals(stream)) {
        return;
      }
    } catch (CowFormatException e) {
      throw overwritten(stream, String.valueOf(e.getMessage()));
    }
    throw overwritten(stream, "it is another stream now");
  }

  private static CorruptCowException overwritten(Path stream, String why) {
    return new CorruptCowException(
        "the journal of an interrupted merge, "
            + stream
            + ", was damaged or overwritten ("
            + why
            + "): the destination is between two versions; remove the journal and make a full copy");
  }

  // ------------------------------------------------------------------ what arrives

  /** Writes the stream to a file of the journal; returns when it was checked and is on disk. */
  Path spool(ReadableByteChannel in, CowSink check) throws IOException {
    Path arriving = arriving();
    try {
      Content content;
      try (FileChannel out = create(arriving);
          WriteBehind copy = new WriteBehind(out)) {
        content = CowReader.readContent(new Copying(in, copy), check);
        copy.force();
      }
      Path stream = named(content);
      Files.move(arriving, stream, StandardCopyOption.ATOMIC_MOVE);
      forceDirectory();
      return stream;
    } finally {
      Files.deleteIfExists(arriving);
    }
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        permissions("rw-------"));
  }

  /** Takes a stream that lies in a file and was checked: links to it, or else copies it. */
  Path link(Path file, FileChannel in, Content content) throws IOException {
    Path stream = named(content);
    in.force(true); // before it has the name that says it is whole
    if (!Files.isRegularFile(file) || !isLinked(stream, file)) {
      return spool(new Beginning(in.position(0), content.streamBytes()), CowSink.NONE);
    }
    forceDirectory();
    return stream;
  }

  /** False on another filesystem, or one without links. */
  private static boolean isLinked(Path stream, Path file) {
    try {
      Files.createLink(stream, file.toRealPath());
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Forgets a stream that the destination has. */
  void remove(Path stream) throws IOException {
    Files.delete(stream);
    forceDirectory();
  }

  private Path named(Content content) {
    return directory.resolve(
        String.format("%s.merge-%d-%08x.cow", name, content.bytes(), content.crc32c()));
  }

  private Path arriving() {
    return directory.resolve(name + ".merge.arriving");
  }

  private void forceDirectory() throws IOException {
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  /** Keeps a copy of what is read through it. */
  private static final class Copying implements ReadableByteChannel {

    private final ReadableByteChannel in;
    private final WriteBehind copy;

    Copying(ReadableByteChannel in, WriteBehind copy) {
      this.in = in;
      this.copy = copy;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      int start = into.position();
      int read = in.read(into);
      copy.write(into.duplicate().flip().position(start));
      return read;
    }

    @Override
    public boolean isOpen() {
      return in.isOpen();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
