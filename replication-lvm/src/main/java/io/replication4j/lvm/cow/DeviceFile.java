package io.replication4j.lvm.cow;

import io.replication4j.UnsupportedException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * A block device or plain file, read by position, by one thread at a time. Scattered pieces are
 * read several at a time, as disks like it.
 */
final class DeviceFile implements ByteSource, AutoCloseable {

  private static final int BLOCK_DEVICE = 0060000;
  private static final int FILE_TYPE = 0170000;
  private static final int BOUNCE_BYTES = 1 << 20;
  private static final int READERS = 8;
  private static final int PAGE_BYTES = 4096; // enough for every logical block size there is

  private final FileChannel channel;
  private final boolean direct;
  private final ByteBuffer bounce;
  private final Background readers = new Background(READERS, "scattered-reads");

  private DeviceFile(FileChannel channel, boolean direct) {
    this.channel = channel;
    this.direct = direct;
    this.bounce =
        ByteBuffer.allocateDirect(direct ? BOUNCE_BYTES + PAGE_BYTES : 0).alignedSlice(PAGE_BYTES);
  }

  static DeviceFile open(Path path) throws IOException {
    return new DeviceFile(FileChannel.open(path, StandardOpenOption.READ), false);
  }

  /**
   * Reads devices past the page cache, which may hold what a kernel module has overwritten since.
   * Plain files need that not.
   */
  static DeviceFile openUncached(Path path) throws IOException {
    if (!isBlockDevice(path)) {
      return open(path);
    }
    return new DeviceFile(FileChannel.open(path, StandardOpenOption.READ, directOption()), true);
  }

  /**
   * {@code com.sun.nio.file.ExtendedOpenOption.DIRECT} of the module jdk.unsupported; by name,
   * since newer compilers call it internal when they compile for an older release.
   */
  private static OpenOption directOption() {
    try {
      Object[] options = Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
      return Stream.of(options)
          .filter(option -> option.toString().equals("DIRECT"))
          .map(OpenOption.class::cast)
          .findFirst()
          .orElseThrow(ClassNotFoundException::new);
    } catch (ClassNotFoundException e) {
      throw new UnsupportedException(
          "this JVM cannot read past the page cache, as it must to read a device: run it with the"
              + " module jdk.unsupported",
          e);
    }
  }

  static boolean isBlockDevice(Path path) throws IOException {
    return ((Integer) Files.getAttribute(path, "unix:mode") & FILE_TYPE) == BLOCK_DEVICE;
  }

  /** A file or device, that is, which can be read twice, and not a pipe. */
  static boolean isSeekable(Path path) throws IOException {
    return Files.isRegularFile(path) || isBlockDevice(path);
  }

  /** Bytes, of a device as of a file. */
  long size() throws IOException {
    return channel.size();
  }

  @Override
  public void read(long position, ByteBuffer into) throws IOException {
    if (direct) {
      readDirect(position, into);
      return;
    }
    long at = position;
    while (into.hasRemaining()) {
      at += requireSome(channel.read(into, at));
    }
  }

  @Override
  public void read(List<Piece> pieces) throws IOException {
    if (direct || pieces.size() < READERS) {
      ByteSource.super.read(pieces);
      return;
    }
    List<Future<?>> parts = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      List<Piece> part =
          pieces.subList(i * pieces.size() / READERS, (i + 1) * pieces.size() / READERS);
      parts.add(readers.start(() -> readEach(part)));
    }
    for (Future<?> part : parts) {
      Background.join(part);
    }
  }

  private boolean readEach(List<Piece> part) throws IOException {
    ByteSource.super.read(part);
    return true;
  }

  /** O_DIRECT wants addresses, positions and lengths in whole blocks. */
  private void readDirect(long position, ByteBuffer into) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int lead = (int) (at % PAGE_BYTES);
      int wanted = Math.min(lead + into.remaining(), BOUNCE_BYTES);
      bounce.clear().limit(roundUp(wanted));
      int read = requireSome(channel.read(bounce, at - lead));
      int end = Math.min(read, wanted);
      if (end <= lead) {
        throw new EOFException();
      }
      into.put(bounce.slice(lead, end - lead));
      at += end - lead;
    }
  }

  private static int roundUp(int length) {
    return (length + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  }

  private static int requireSome(int read) throws EOFException {
    if (read <= 0) {
      throw new EOFException();
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    readers.close();
    channel.close();
  }
}
