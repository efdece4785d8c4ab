package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The exception table of a store, area by area. */
@FunctionalInterface
public interface AreaSource {

  /**
   * Fills {@code into}, from its position to its limit, with that area: the bytes of chunk {@link
   * CowGeometry#areaChunk}. Called for area 0, 1, 2 … up to the one that ends the table.
   *
   * @throws IOException if it cannot be read; {@link java.io.EOFException} if the store ends before
   */
  void read(long area, ByteBuffer into) throws IOException;
}
