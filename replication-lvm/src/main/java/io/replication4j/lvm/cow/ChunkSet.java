package io.replication4j.lvm.cow;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A set of chunk numbers, in a few bytes for each run of neighbours: ten million scattered over a
 * tebibyte take some 20 MB. Immutable.
 */
public final class ChunkSet {

  private ChunkSet() {}

  /** A builder of a set that is still empty. */
  public static Builder builder() {
    return new Builder();
  }

  /** How many chunks are in it. */
  public long size() {
    throw new UnsupportedOperationException();
  }

  /** Its runs of neighbours, ascending and as long as can be; none for the empty set. */
  public Iterator<ChunkRange> ranges() {
    throw new NoSuchElementException();
  }

  /** Collects chunks in any order. Not thread-safe. */
  public static final class Builder {

    private Builder() {}

    /** Adds one chunk. */
    public Builder add(long chunk) {
      return add(chunk, 1);
    }

    /** Adds {@code count} chunks, one or more, from {@code first} on. */
    public Builder add(long first, long count) {
      throw new UnsupportedOperationException();
    }

    /** The set of all that were added; one that was added twice counts once. */
    public ChunkSet build() {
      throw new UnsupportedOperationException();
    }
  }
}
