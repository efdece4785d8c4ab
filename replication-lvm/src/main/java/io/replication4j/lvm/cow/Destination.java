package io.replication4j.lvm.cow;

import io.replication4j.BusyException;
import io.replication4j.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file or device that a stream is applied to, locked against a second merge. */
final class Destination implements AutoCloseable {

  private final Path path;
  private final FileChannel channel;
  private final WriteBehind writer;
  private final long bytes;

  private Destination(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.writer = new WriteBehind(channel);
    this.bytes = channel.size();
  }

  static Destination open(Path path) throws IOException {
    if (DeviceFile.isBlockDevice(path)) {
      DeviceUse.requireUnused(path);
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
    try {
      lock(channel, path);
      return new Destination(path, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void lock(FileChannel channel, Path path) throws IOException {
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // another merge in this JVM: as one in another
    }
    throw new BusyException(
        path + " is being merged into, or locked by another program; wait for its end", null);
  }

  /** Throws {@link NoSpaceException} for a stream that does not fit, and writes nothing. */
  CowSink check() {
    return new CowSink() {
      @Override
      public void header(CowHeader header) {
        requireRoom(header);
      }

      @Override
      public void data(long position, ByteBuffer data) {
        fitting(position, data);
      }
    };
  }

  /** Writes, after the same checks. */
  CowSink write() {
    return new CowSink() {
      @Override
      public void header(CowHeader header) {
        requireRoom(header);
      }

      @Override
      public void data(long position, ByteBuffer data) throws IOException {
        writer.write(fitting(position, data), position);
      }
    };
  }

  private void requireRoom(CowHeader header) {
    header
        .identity()
        .map(StreamIdentity::originBytes)
        .filter(needed -> needed > bytes)
        .ifPresent(
            needed -> {
              throw tooSmall("the volume that the stream was made of has " + needed + " bytes");
            });
  }

  /** Without what a last chunk has behind the end of the volume. */
  private ByteBuffer fitting(long position, ByteBuffer data) {
    if (position >= bytes) {
      throw tooSmall("the stream changes bytes from " + position + " on");
    }
    return data.limit(
        (int)
            Math.min(
                data.limit(), data.position() + Math.min(Integer.MAX_VALUE, bytes - position)));
  }

  private NoSpaceException tooSmall(String why) {
    return new NoSpaceException(
        path + " has only " + bytes + " bytes, but " + why + "; grow it and run it again", null);
  }

  /** Returns when everything that was written is on disk. */
  void force() throws IOException {
    writer.force();
  }

  @Override
  public void close() throws IOException {
    writer.close();
    channel.close();
  }
}
