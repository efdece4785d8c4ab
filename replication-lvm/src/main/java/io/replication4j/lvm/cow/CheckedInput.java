package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.zip.CRC32C;

/** A stream, read in large blocks, with its position and its checksum up to there. */
final class CheckedInput implements AutoCloseable {

  static final int BLOCK_BYTES = 1 << 20;
  static final int MOST_TAKEN = 64 << 10;

  /** Where the blocks come from. */
  interface Blocks extends AutoCloseable {

    /** An empty one. */
    ByteBuffer first();

    /** What remains of the block, and more behind it; the block is not used any more. */
    ByteBuffer next(ByteBuffer block) throws IOException;

    @Override
    void close();
  }

  /** One block, read when it is wanted. */
  private record Plain(ReadableByteChannel channel) implements Blocks {

    @Override
    public ByteBuffer first() {
      return ByteBuffer.allocateDirect(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    @Override
    public ByteBuffer next(ByteBuffer block) throws IOException {
      fill(channel, block.compact());
      return block.flip();
    }

    @Override
    public void close() {}
  }

  private final Blocks blocks;
  private ByteBuffer block;
  private final CRC32C crc = new CRC32C();
  private int checked; // the block up to here is in the checksum
  private long before; // bytes of the stream before the block begins, at its position 0

  CheckedInput(ReadableByteChannel channel) {
    this(new Plain(channel));
  }

  CheckedInput(Blocks blocks) {
    this.blocks = blocks;
    this.block = blocks.first();
  }

  /** Reads until the block is full or the channel ends. */
  static void fill(ReadableByteChannel channel, ByteBuffer block) throws IOException {
    int read = 0;
    while (block.hasRemaining() && read >= 0) {
      read = channel.read(block);
    }
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

  /** Whether as many bytes follow; at most {@link #MOST_TAKEN}. */
  boolean has(int length) throws IOException {
    while (block.remaining() < length) {
      if (!more()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The next {@code length} bytes, little endian, until the next call; at most {@link #MOST_TAKEN}.
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

  /** False if nothing came. */
  private boolean more() throws IOException {
    check();
    long at = position();
    int had = block.remaining();
    block = blocks.next(block);
    checked = block.position();
    before = at - checked;
    return block.remaining() > had;
  }

  /** Does not close the channel. */
  @Override
  public void close() {
    blocks.close();
  }
}
