package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.NotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumeComparisonTest {

  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private VolumeComparison compare(byte[] first, byte[] second)
      throws IOException, InterruptedException {
    return VolumeComparison.compare(
        Files.write(directory.resolve("first"), first),
        Files.write(directory.resolve("second"), second));
  }

  @Test
  void sameContentIsEqual() throws Exception {
    byte[] content = StoreBuilder.random(1, 9 * MIB + 17);
    assertTrue(compare(content, content).isEqual());
    assertTrue(compare(new byte[0], new byte[0]).isEqual());
  }

  @Test
  void oneFlippedBitIsFoundAndLocated() throws Exception {
    byte[] content = StoreBuilder.random(1, 9 * MIB + 17);
    for (int at : new int[] {0, 4095, 4096, 4 * MIB - 1, 4 * MIB, 9 * MIB + 16}) {
      byte[] other = content.clone();
      other[at] ^= 1;
      VolumeComparison comparison = compare(content, other);
      assertFalse(comparison.isEqual());
      assertEquals(List.of(new ChunkRange(at / 4096, 1)), ranges(comparison), "byte " + at);
    }
  }

  @Test
  void neighboursAreOneRangeAcrossWhatIsReadAtOnce() throws Exception {
    byte[] content = new byte[9 * MIB];
    byte[] other = content.clone();
    for (int at = 4 * MIB - 8192; at < 4 * MIB + 8192; at++) {
      other[at] = 1;
    }
    other[8 * MIB] = 1;
    assertEquals(
        List.of(new ChunkRange(1022, 4), new ChunkRange(2048, 1)), ranges(compare(content, other)));
  }

  @Test
  void anotherSizeIsADifference() throws Exception {
    VolumeComparison comparison = compare(new byte[5000], new byte[5001]);
    assertFalse(comparison.isEqual());
    assertEquals(List.of(), ranges(comparison));
    assertEquals(5001, comparison.secondBytes());
  }

  @Test
  void missingFileIsNamed() {
    Path absent = directory.resolve("absent");
    assertThrows(NotFoundException.class, () -> VolumeComparison.compare(absent, absent));
  }

  private static List<ChunkRange> ranges(VolumeComparison comparison) {
    List<ChunkRange> ranges = new ArrayList<>();
    comparison.different().ranges().forEachRemaining(ranges::add);
    return ranges;
  }
}
