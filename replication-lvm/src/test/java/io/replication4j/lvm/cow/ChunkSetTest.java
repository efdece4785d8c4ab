package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ChunkSetTest {

  @Test
  void neighboursAreOneRangeWhateverTheirOrder() {
    ChunkSet set = ChunkSet.builder().add(7).add(5).add(9, 3).add(6).build();
    assertEquals(List.of(new ChunkRange(5, 3), new ChunkRange(9, 3)), ranges(set));
    assertEquals(6, set.size());
    assertEquals(12, set.end());
  }

  @Test
  void chunkThatWasAddedTwiceCountsOnce() {
    ChunkSet set = ChunkSet.builder().add(3, 10).add(5).add(3).add(12, 2).build();
    assertEquals(List.of(new ChunkRange(3, 11)), ranges(set));
    assertEquals(11, set.size());
  }

  @Test
  void emptySetHasNoRange() {
    ChunkSet set = ChunkSet.builder().build();
    assertFalse(set.ranges().hasNext());
    assertEquals(0, set.size());
    assertEquals(0, set.end());
  }

  @Test
  void highestNumbersFit() {
    ChunkSet set = ChunkSet.builder().add(Long.MAX_VALUE - 1).add(0).build();
    assertEquals(List.of(new ChunkRange(0, 1), new ChunkRange(Long.MAX_VALUE - 1, 1)), ranges(set));
  }

  @Test
  void negativeAndEmptyRangesAreRefused() {
    ChunkSet.Builder builder = ChunkSet.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.add(-1));
    assertThrows(IllegalArgumentException.class, () -> builder.add(1, 0));
    assertThrows(IllegalArgumentException.class, () -> builder.add(Long.MAX_VALUE, 2));
  }

  /** More than are sorted at once, dense and scattered. */
  @Test
  void isTheSortedSetOfWhatWasAdded() {
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      long bound = seed % 2 == 0 ? 300_000 : 1L << 55;
      ChunkSet.Builder builder = ChunkSet.builder();
      TreeSet<Long> expected = new TreeSet<>();
      for (int i = 0; i < 200_000; i++) {
        long chunk = (long) (random.nextDouble() * bound);
        builder.add(chunk);
        expected.add(chunk);
      }
      ChunkSet set = builder.build();
      List<Long> found = new ArrayList<>();
      ranges(set)
          .forEach(
              range -> {
                for (long chunk = range.first(); chunk < range.end(); chunk++) {
                  found.add(chunk);
                }
              });
      assertEquals(new ArrayList<>(expected), found, "seed " + seed);
      assertEquals(expected.size(), set.size());
    }
  }

  private static List<ChunkRange> ranges(ChunkSet set) {
    List<ChunkRange> ranges = new ArrayList<>();
    set.ranges().forEachRemaining(ranges::add);
    return ranges;
  }
}
