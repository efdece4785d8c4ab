package io.replication4j.lvm;

import io.replication4j.lvm.cow.CowGeometry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes what changed in an image as {@link ImageCommands} applies it: {@code data OFFSET LENGTH}
 * followed by so many bytes, {@code zero OFFSET LENGTH}. Neighbours are one piece; what is not
 * written stays as it is. Memory is one piece.
 */
final class PieceWriter implements VolumeWriter {

  private static final int BLOCK = CowGeometry.ofDefaultChunks().chunkBytes();
  private static final int MOST_BYTES = 1 << 20;

  /** Shorter runs of zeroes are sent as data: making a hole costs a process. */
  private static final long SHORTEST_HOLE = 1 << 20;

  private static final byte[] ZEROES = new byte[BLOCK];

  private final OutputStream out;
  private final long bytes;
  private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
  private long pieceAt;
  private long zeroAt;
  private long zeroes;

  /**
   * @param bytes the size of the image; what lies behind is not written
   */
  PieceWriter(OutputStream out, long bytes) {
    this.out = out;
    this.bytes = bytes;
  }

  @Override
  public void write(long position, ByteBuffer data) throws IOException {
    long at = position;
    byte[] block = new byte[BLOCK];
    while (data.hasRemaining() && at < bytes) {
      int size = (int) Math.min(Math.min(BLOCK, data.remaining()), bytes - at);
      data.get(block, 0, size);
      if (Arrays.equals(block, 0, size, ZEROES, 0, size)) {
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
      for (long at = 0; at < zeroes; at += BLOCK) {
        append(zeroAt + at, ZEROES, (int) Math.min(BLOCK, zeroes - at));
      }
    }
    zeroes = 0;
  }

  private void append(long at, byte[] block, int size) throws IOException {
    if (pieceAt + piece.size() != at || piece.size() + size > MOST_BYTES) {
      flush();
      pieceAt = at;
    }
    piece.write(block, 0, size);
  }

  private void flush() throws IOException {
    if (piece.size() > 0) {
      Arrival.say(out, "data", pieceAt, piece.size());
      piece.writeTo(out);
      piece.reset();
    }
  }

  @Override
  public void finish() throws IOException {
    endZeroes();
    flush();
  }
}
