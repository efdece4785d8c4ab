package io.replication4j.lvm;

import io.replication4j.lvm.cow.CowGeometry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes what changed in an image as {@link PieceScript} applies it: {@code data OFFSET LENGTH}
 * followed by so many bytes, {@code zero OFFSET LENGTH}. Neighbours are one piece. Memory is one
 * piece.
 */
final class PieceWriter extends SparseWriter {

  private static final int MOST_BYTES = 1 << 20;

  private final OutputStream out;
  private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
  private long pieceAt;

  /**
   * @param bytes the size of the image; what lies behind is not written
   */
  PieceWriter(OutputStream out, long bytes) {
    super(out, bytes, CowGeometry.ofDefaultChunks().chunkBytes());
    this.out = out;
  }

  @Override
  void append(long at, byte[] data, int size) throws IOException {
    if (pieceAt + piece.size() != at || piece.size() + size > MOST_BYTES) {
      flush();
      pieceAt = at;
    }
    piece.write(data, 0, size);
  }

  @Override
  void flush() throws IOException {
    if (piece.size() > 0) {
      Arrival.say(out, "data", pieceAt, piece.size());
      piece.writeTo(out);
      piece.reset();
    }
  }
}
