package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.zip.CRC32C;

/** A stream, read in large blocks, with its position and its checksum up to there. */
final class CheckedInput {

  private static final int BLOCK_BYTES = 1 << 20;

  private final ReadableByteChannel channel;
  private final ByteBuffer block =
      ByteBuffer.allocateDirect(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final CRC32C crc = new CRC32C();
  private int checked; // the block up to here is in the checksum
  private long before; // bytes of the stream before the block

  CheckedInput(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /** Bytes that were taken. */
  long position() {
    return before + block.position();
  }

  /** CRC-32C of the bytes that were taken. */
  int crc32c() {
    check();
    return (int) crc.getValue();
  }

  private void check() {
    crc.update(block.slice(checked, block.position() - checked));
    checked = block.position();
  }

  /** Whether as many bytes follow; at most 64 KiB. */
  boolean has(int length) throws IOException {
    while (block.remaining() < length) {
      if (!more()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The next {@code length} bytes, little endian, until the next call; at most 64 KiB.
   *
   * @param part what they are part of, for the message
   * @throws TruncatedCowException if there are not as many
   */
  ByteBuffer take(int length, String part) throws IOException {
    if (!has(length)) {
      throw ended(part);
    }
    return taken(length);
  }

  /**
   * Some of the next {@code most} bytes, one or more, until the next call.
   *
   * @throws TruncatedCowException if there is none
   */
  ByteBuffer takeSome(long most, String part) throws IOException {
    if (!has(1)) {
      throw ended(part);
    }
    return taken((int) Math.min(most, block.remaining()));
  }

  private ByteBuffer taken(int length) {
    ByteBuffer bytes = block.slice(block.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    block.position(block.position() + length);
    return bytes;
  }

  void skip(long length, String part) throws IOException {
    for (long left = length; left > 0; ) {
      left -= takeSome(left, part).remaining();
    }
  }

  boolean atEnd() throws IOException {
    return !has(1);
  }

  private TruncatedCowException ended(String part) {
    return new TruncatedCowException(
        "the stream ends within "
            + part
            + ", after "
            + (before + block.limit())
            + " bytes; send it again");
  }

  /** Reads until the block is full or the stream ends; false if nothing came. */
  private boolean more() throws IOException {
    check();
    before += block.position();
    block.compact();
    checked = 0;
    int had = block.position();
    int read = 0;
    while (block.hasRemaining() && read >= 0) {
      read = channel.read(block);
    }
    block.flip();
    return block.limit() > had;
  }
}
