package io.replication4j.lvm;

import io.replication4j.lvm.cow.CowGeometry;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;

/**
 * The checksum of a whole stream, as a tag holds it: {@code CHUNKBYTES-CRC32C}. The same version on
 * the same base, in chunks of the same size, always gives the same stream. Takes what is written to
 * it, and forgets it.
 */
final class StreamDigest implements WritableByteChannel {

  private final CRC32C crc = new CRC32C();

  void update(ByteBuffer bytes) {
    crc.update(bytes);
  }

  String value(CowGeometry geometry) {
    return String.format("%d-%08x", geometry.chunkBytes(), crc.getValue());
  }

  /** The chunk size that a digest was made with. */
  static CowGeometry geometry(String digest) {
    return new CowGeometry(Integer.parseInt(digest.substring(0, digest.indexOf('-'))));
  }

  @Override
  public int write(ByteBuffer bytes) {
    int count = bytes.remaining();
    update(bytes);
    return count;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
