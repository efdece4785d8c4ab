package io.replication4j.lvm.cow;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * A set of chunk numbers, in a few bytes for each run of neighbours: ten million that are scattered
 * over a tebibyte take some 20 MB. Immutable.
 */
public final class ChunkSet {

  private final List<PackedRanges> sorted; // each ascending; they may overlap
  private final long size;
  private final long end;

  private ChunkSet(List<PackedRanges> sorted) {
    this.sorted = List.copyOf(sorted);
    long count = 0;
    long last = 0;
    for (Iterator<ChunkRange> all = ranges(); all.hasNext(); ) {
      ChunkRange range = all.next();
      count += range.count();
      last = range.end();
    }
    this.size = count;
    this.end = last;
  }

  /** A builder of a set that is still empty. */
  public static Builder builder() {
    return new Builder();
  }

  /** How many chunks are in it. */
  public long size() {
    return size;
  }

  /** The number of the chunk behind the highest; 0 for the empty set. */
  public long end() {
    return end;
  }

  /** Its runs of neighbours, ascending and as long as can be; none for the empty set. */
  public Iterator<ChunkRange> ranges() {
    return new Union(sorted);
  }

  /** Merges the sorted lists into one. */
  private static final class Union implements Iterator<ChunkRange> {

    private final PriorityQueue<PackedRanges.Cursor> cursors =
        new PriorityQueue<>(Comparator.comparingLong(c -> c.range().first()));

    Union(List<PackedRanges> sorted) {
      sorted.forEach(ranges -> ranges.cursor().ifPresent(cursors::add));
    }

    @Override
    public boolean hasNext() {
      return !cursors.isEmpty();
    }

    @Override
    public ChunkRange next() {
      if (cursors.isEmpty()) {
        throw new NoSuchElementException();
      }
      long first = cursors.element().range().first();
      long end = first;
      while (!cursors.isEmpty() && cursors.element().range().first() <= end) {
        PackedRanges.Cursor cursor = cursors.remove();
        end = Math.max(end, cursor.range().end());
        if (cursor.advance()) {
          cursors.add(cursor);
        }
      }
      return new ChunkRange(first, end - first);
    }
  }

  /** Collects chunks in any order; cheapest in ascending order. Not thread-safe. */
  public static final class Builder {

    private static final int SORTED_AT_ONCE = 1 << 16;

    private final List<ChunkRange> pending = new ArrayList<>();
    private final List<PackedRanges> sorted = new ArrayList<>();
    private long first;
    private long count;

    private Builder() {}

    /** Adds one chunk. */
    public Builder add(long chunk) {
      return add(chunk, 1);
    }

    /**
     * Adds {@code more} chunks, one or more, from {@code from} on.
     *
     * @throws IllegalArgumentException for a negative number, or none at all
     */
    public Builder add(long from, long more) {
      ChunkRange range = new ChunkRange(from, more);
      if (count > 0 && from == first + count) {
        count += more;
      } else {
        endRun();
        first = range.first();
        count = range.count();
      }
      return this;
    }

    private void endRun() {
      if (count > 0) {
        pending.add(new ChunkRange(first, count));
        count = 0;
      }
      if (pending.size() == SORTED_AT_ONCE) {
        pack();
      }
    }

    private void pack() {
      pending.sort(Comparator.comparingLong(ChunkRange::first));
      sorted.add(PackedRanges.of(pending));
      pending.clear();
    }

    /** The set of all that were added; one that was added twice counts once. */
    public ChunkSet build() {
      endRun();
      pack();
      return new ChunkSet(sorted);
    }
  }
}
