package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;

/** A stream, written in large blocks, with its position and its checksum up to there. */
final class CheckedOutput {

  private static final int BLOCK_BYTES = 1 << 20;

  private final WritableByteChannel channel;
  private final ByteBuffer block =
      ByteBuffer.allocateDirect(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();
  private int checked; // the block up to here is in the checksum
  private long before; // bytes of the stream before the block

  CheckedOutput(WritableByteChannel channel) {
    this.channel = channel;
  }

  /** Bytes that were put. */
  long position() {
    return before + block.position();
  }

  /** CRC-32C of the bytes that were put. */
  int crc32c() {
    check();
    return (int) crc.getValue();
  }

  private void check() {
    crc.update(block.slice(checked, block.position() - checked));
    checked = block.position();
  }

  /**
   * Room for the next {@code length} bytes, little endian, to be filled at once; up to a sector.
   */
  ByteBuffer space(int length) throws IOException {
    if (block.remaining() < length) {
      flush();
    }
    return taken(length);
  }

  /** Whether the next byte needs another block: what there was room given for must be filled. */
  boolean isFull() {
    return !block.hasRemaining();
  }

  /**
   * Room for some of the next {@code most} bytes, one or more, to be filled before the block is
   * full.
   */
  ByteBuffer someSpace(long most) throws IOException {
    if (!block.hasRemaining()) {
      flush();
    }
    return taken((int) Math.min(most, block.remaining()));
  }

  private ByteBuffer taken(int length) {
    ByteBuffer space = block.slice(block.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    block.position(block.position() + length);
    return space;
  }

  void zeroes(long length) throws IOException {
    for (long left = length; left > 0; ) {
      ByteBuffer space = someSpace(left);
      left -= space.remaining();
      while (space.remaining() >= Long.BYTES) {
        space.putLong(0);
      }
      while (space.hasRemaining()) {
        space.put((byte) 0);
      }
    }
  }

  /** Writes what was put. */
  void flush() throws IOException {
    check();
    before += block.position();
    block.flip();
    while (block.hasRemaining()) {
      channel.write(block);
    }
    block.clear();
    checked = 0;
  }
}
