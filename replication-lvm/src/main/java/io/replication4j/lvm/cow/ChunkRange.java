package io.replication4j.lvm.cow;

/**
 * Chunks that follow each other.
 *
 * @param first the number of the first
 * @param count how many, one or more
 */
public record ChunkRange(long first, long count) {

  /** Throws {@link IllegalArgumentException} for a negative or empty range. */
  public ChunkRange {
    if (first < 0 || count <= 0 || first > Long.MAX_VALUE - count) {
      throw new IllegalArgumentException("chunks " + first + " + " + count);
    }
  }

  /** The number of the chunk behind the last. */
  public long end() {
    return first + count;
  }
}
