package io.replication4j.lvm.cow;

import io.replication4j.VersionId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Optional;

/** Streams in memory. */
final class Streams {

  static final Optional<VersionId> BASE = Optional.of(VersionId.of("base-1"));
  static final Optional<VersionId> TARGET = Optional.of(VersionId.of("target-ü"));

  private Streams() {}

  /** These chunks of that volume. */
  static byte[] of(int chunkBytes, byte[] volume, long... chunks) {
    ChunkSet.Builder set = ChunkSet.builder();
    for (long chunk : chunks) {
      set.add(chunk);
    }
    return of(chunkBytes, volume, set.build());
  }

  static byte[] of(int chunkBytes, byte[] volume, ChunkSet chunks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      CowWriter.write(
          new CowGeometry(chunkBytes),
          new StreamIdentity(BASE, TARGET, volume.length, chunks.size()),
          chunks,
          (position, into) -> into.put(volume, (int) position, into.remaining()),
          Channels.newChannel(out));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  static CowStats read(byte[] stream, CowSink sink) {
    try {
      return CowReader.read(Channels.newChannel(new ByteArrayInputStream(stream)), sink);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Writes to an array. */
  static CowSink into(byte[] volume) {
    return (position, data) -> {
      ByteBuffer bytes = data.duplicate();
      bytes.get(volume, (int) position, bytes.remaining());
    };
  }
}
