package io.replication4j.lvm.cow;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Ranges in ascending order of their first chunk, packed: for each the distance from the first
 * chunk of the one before, and whether it is longer than one chunk, in the lowest bit, and then how
 * long; numbers in groups of seven bits, lowest first, the eighth bit for "more follow".
 */
final class PackedRanges {

  private byte[] bytes = new byte[64];
  private int length;

  private PackedRanges() {}

  static PackedRanges of(List<ChunkRange> ascending) {
    PackedRanges packed = new PackedRanges();
    long previous = 0;
    for (ChunkRange range : ascending) {
      long distance = range.first() - previous;
      boolean single = range.count() == 1;
      packed.put((distance << 1) | (single ? 0 : 1));
      if (!single) {
        packed.put(range.count());
      }
      previous = range.first();
    }
    packed.bytes = Arrays.copyOf(packed.bytes, packed.length);
    return packed;
  }

  private void put(long number) {
    if (bytes.length - length < 10) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    long rest = number;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** At the first range; empty if there is none. */
  Optional<Cursor> cursor() {
    Cursor cursor = new Cursor();
    return cursor.advance() ? Optional.of(cursor) : Optional.empty();
  }

  /** Goes from range to range. */
  final class Cursor {

    private int at;
    private ChunkRange range = new ChunkRange(0, 1);

    private Cursor() {}

    ChunkRange range() {
      return range;
    }

    /** Goes to the next range, if there is one. */
    boolean advance() {
      if (at == length) {
        return false;
      }
      long previous = at == 0 ? 0 : range.first();
      long number = next();
      range = new ChunkRange(previous + (number >>> 1), (number & 1) == 0 ? 1 : next());
      return true;
    }

    private long next() {
      long number = 0;
      for (int shift = 0; ; shift += 7) {
        byte group = bytes[at++];
        number |= (long) (group & 0x7F) << shift;
        if (group >= 0) {
          return number;
        }
      }
    }
  }
}
