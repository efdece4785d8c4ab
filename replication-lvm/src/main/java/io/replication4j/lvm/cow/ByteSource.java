package io.replication4j.lvm.cow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Bytes that can be read by position: a volume's version, or a store. */
@FunctionalInterface
public interface ByteSource {

  /**
   * A part to be read.
   *
   * @param position where it begins
   * @param into is filled from its position to its limit
   */
  record Piece(long position, ByteBuffer into) {}

  /**
   * Fills {@code into}, from its position to its limit, with the bytes from {@code position} on.
   *
   * @throws EOFException if there are not as many
   * @throws IOException if they cannot be read
   */
  void read(long position, ByteBuffer into) throws IOException;

  /**
   * Reads all these pieces, which ascend; unless this is overridden, one after the other.
   *
   * @throws IOException as {@link #read(long, ByteBuffer)}
   */
  default void read(List<Piece> pieces) throws IOException {
    for (Piece piece : pieces) {
      read(piece.position(), piece.into());
    }
  }
}
