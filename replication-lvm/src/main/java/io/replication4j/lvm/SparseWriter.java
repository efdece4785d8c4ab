package io.replication4j.lvm;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes what changed, of which long runs of zeroes are said, not sent: {@code zero OFFSET LENGTH}.
 * What is not written stays as it is.
 */
abstract class SparseWriter implements VolumeWriter {

  /** Shorter runs of zeroes are sent as data: a process there costs more. */
  private static final long SHORTEST_HOLE = 1 << 20;

  private final OutputStream out;
  private final long bytes;
  private final byte[] block;
  private final byte[] zeroBlock;
  private long zeroAt;
  private long zeroes;

  /**
   * @param bytes what lies behind is not written
   * @param blockBytes the unit in which zeroes are told from data
   */
  SparseWriter(OutputStream out, long bytes, int blockBytes) {
    this.out = out;
    this.bytes = bytes;
    this.block = new byte[blockBytes];
    this.zeroBlock = new byte[blockBytes];
  }

  /** Data, of a block or less; what is appended is ascending. */
  abstract void append(long at, byte[] data, int size) throws IOException;

  /** Writes what was appended. */
  abstract void flush() throws IOException;

  @Override
  public final void write(long position, ByteBuffer data) throws IOException {
    long at = position;
    while (data.hasRemaining() && at < bytes) {
      int size = (int) Math.min(Math.min(block.length, data.remaining()), bytes - at);
      data.get(block, 0, size);
      if (Arrays.equals(block, 0, size, zeroBlock, 0, size)) {
        zero(at, size);
      } else {
        endZeroes();
        append(at, block, size);
      }
      at += size;
    }
  }

  private void zero(long at, int size) throws IOException {
    if (zeroes == 0 || at != zeroAt + zeroes) {
      endZeroes();
      zeroAt = at;
    }
    zeroes += size;
  }

  private void endZeroes() throws IOException {
    if (zeroes >= SHORTEST_HOLE) {
      flush();
      Arrival.say(out, "zero", zeroAt, zeroes);
    } else {
      for (long at = 0; at < zeroes; at += zeroBlock.length) {
        append(zeroAt + at, zeroBlock, (int) Math.min(zeroBlock.length, zeroes - at));
      }
    }
    zeroes = 0;
  }

  @Override
  public final void finish() throws IOException {
    endZeroes();
    flush();
  }
}
