package io.replication4j.lvm.cow;

/**
 * An entry of the exception table: the data of chunk {@code oldChunk} of the origin lies in chunk
 * {@code newChunk} of the store.
 */
record StoredException(long oldChunk, long newChunk) {

  /** What the kernel keeps of a chunk number; it uses the other bits itself. */
  private static final long CHUNK_NUMBERS = 1L << 56;

  /** Throws {@link CorruptCowException} if no kernel writes such an entry. */
  void requirePossible(CowGeometry geometry) {
    if (!isNumber(oldChunk, geometry) || !isNumber(newChunk, geometry)) {
      throw new CorruptCowException(this + ": no chunk has such a number");
    }
    if (geometry.isMetadata(newChunk)) {
      throw new CorruptCowException(this + ": the data would lie in the store's own table");
    }
  }

  private static boolean isNumber(long chunk, CowGeometry geometry) {
    return chunk >= 0
        && chunk < CHUNK_NUMBERS
        && chunk < Long.MAX_VALUE / geometry.chunkBytes() - 1;
  }

  @Override
  public String toString() {
    return "table entry "
        + Long.toUnsignedString(oldChunk)
        + " -> "
        + Long.toUnsignedString(newChunk);
  }
}
