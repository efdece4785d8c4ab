package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A source that is written to while its table is read. */
class GrowingTableTest {

  private static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();

  /** The first area, full; there was no other when the source was asked. */
  private static void oneFullArea(long position, ByteBuffer into) throws IOException {
    long first = GEOMETRY.areaChunk(0) * GEOMETRY.chunkBytes();
    for (long at = position - first; into.hasRemaining(); at += 16) {
      if (at >= GEOMETRY.chunkBytes()) {
        throw new EOFException("nothing more");
      }
      into.putLong(at / 16).putLong(at / 16 + 2);
    }
  }

  @Test
  void isReadUpToTheAreasThatItHad() throws IOException {
    ChunkSet chunks = ExceptionTable.changedChunks(GEOMETRY, 1, GrowingTableTest::oneFullArea);
    assertEquals(GEOMETRY.chunkBytes() / 16, chunks.size());
  }

  @Test
  void isReadAsItWasWhenItHadFewerEntries() throws IOException {
    ChunkSet chunks =
        ExceptionTable.changedChunks(GEOMETRY, 1, 3, Long.MAX_VALUE, GrowingTableTest::oneFullArea);
    assertEquals(3, chunks.size());
    assertEquals(3, chunks.end());
    ChunkSet none =
        ExceptionTable.changedChunks(GEOMETRY, 1, 0, Long.MAX_VALUE, GrowingTableTest::oneFullArea);
    assertEquals(0, none.size());
  }

  @Test
  void thatEndsEarlyIsTruncated() {
    assertThrows(
        TruncatedCowException.class,
        () -> ExceptionTable.changedChunks(GEOMETRY, 2, GrowingTableTest::oneFullArea));
  }
}
