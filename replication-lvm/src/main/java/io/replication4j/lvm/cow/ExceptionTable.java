package io.replication4j.lvm.cow;

import java.io.IOException;

/** Reads the exception table of a store that the kernel wrote. */
public final class ExceptionTable {

  private ExceptionTable() {}

  /**
   * The chunks of the origin that were overwritten since the snapshot was made, from its table, up
   * to the entry that ends it. In the table they may be in any order.
   *
   * @throws CorruptCowException if a chunk is there twice, or its data would lie in the table
   * @throws TruncatedCowException if the store ends before the table does
   * @throws IOException if an area cannot be read
   */
  public static ChunkSet changedChunks(CowGeometry geometry, AreaSource areas) throws IOException {
    throw new UnsupportedOperationException();
  }
}
