package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CowGeometryTest {

  private static final CowGeometry PAGES = CowGeometry.ofDefaultChunks();

  @Test
  void areasAreFollowedByTheirData() {
    assertEquals(1, PAGES.areaChunk(0));
    assertEquals(2, PAGES.dataChunk(0));
    assertEquals(257, PAGES.dataChunk(255));
    assertEquals(258, PAGES.areaChunk(1));
    assertEquals(259, PAGES.dataChunk(256));
  }

  @Test
  void headerAndAreasHoldNoData() {
    assertTrue(PAGES.isMetadata(0));
    assertTrue(PAGES.isMetadata(1));
    assertFalse(PAGES.isMetadata(2));
    assertFalse(PAGES.isMetadata(257));
    assertTrue(PAGES.isMetadata(258));
  }

  @Test
  void fullLastAreaIsFollowedByAnEmptyOne() {
    assertEquals(1, PAGES.areas(0));
    assertEquals(1, PAGES.areas(255));
    assertEquals(2, PAGES.areas(256));
    assertEquals(2 + 1 + 256, PAGES.storeChunks(256));
  }

  /** The run that the original's documentation shows. */
  @Test
  void sizesAreThoseThatTheOriginalReports() {
    CowStats stats = new CowStats(new CowHeader(true, PAGES, Optional.empty()), 2728, false);
    assertEquals(11, stats.exceptionChunks());
    assertEquals(48 << 10, stats.metadataBytes());
    assertEquals(10912 << 10, stats.dataBytes());
    assertEquals(10960 << 10, stats.totalBytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -4096, 256, 513, 4095, 12288})
  void sizesThatNoKernelTakesAreRefused(int chunkBytes) {
    assertThrows(IllegalArgumentException.class, () -> new CowGeometry(chunkBytes));
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 4096, 524288, 1 << 30})
  void powersOfTwoFromASectorToAGibibyteAreTaken(int chunkBytes) {
    assertEquals(chunkBytes / 16, new CowGeometry(chunkBytes).exceptionsPerArea());
  }
}
