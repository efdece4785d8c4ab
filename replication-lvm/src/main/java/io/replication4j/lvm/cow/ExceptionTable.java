package io.replication4j.lvm.cow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the exception table of a store that the kernel wrote. */
public final class ExceptionTable {

  private static final int PIECE_BYTES = 1 << 16;

  private final CowGeometry geometry;
  private final ByteSource store;
  private final ByteBuffer piece;
  private final ChunkSet.Builder changed = ChunkSet.builder();
  private final long most;
  private final long end;
  private long exceptions;
  private long counted;

  private ExceptionTable(CowGeometry geometry, long most, long end, ByteSource store) {
    this.geometry = geometry;
    this.most = most;
    this.end = end;
    this.store = store;
    this.piece =
        ByteBuffer.allocateDirect(Math.min(PIECE_BYTES, geometry.chunkBytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The chunks of the origin that were overwritten since the snapshot was made: from the table, in
   * whatever order it has, up to the entry that ends it.
   *
   * @param areas how many areas are read at most: a table that grows meanwhile is read up to here
   * @param store is read from the first area on, ascending, and only where areas are: whole chunks,
   *     in pieces of 64 KiB where they are larger
   * @throws CorruptCowException if a chunk is there twice, or its data would lie in the table
   * @throws TruncatedCowException if the store ends before the table does
   * @throws IOException if an area cannot be read
   */
  public static ChunkSet changedChunks(CowGeometry geometry, long areas, ByteSource store)
      throws IOException {
    return changedChunks(geometry, areas, Long.MAX_VALUE, Long.MAX_VALUE, store);
  }

  /**
   * The same, of a table as it was when it had {@code most} entries for chunks below {@code end}:
   * the kernel adds each behind those that are there.
   */
  public static ChunkSet changedChunks(
      CowGeometry geometry, long areas, long most, long end, ByteSource store) throws IOException {
    return new ExceptionTable(geometry, most, end, store).read(areas);
  }

  private ChunkSet read(long areas) throws IOException {
    boolean more = most > 0;
    for (long area = 0; more && area < areas; area++) {
      more = readArea(area);
    }
    ChunkSet chunks = changed.build();
    if (chunks.size() != exceptions) {
      throw new CorruptCowException(
          "the table has " + exceptions + " entries, but only for " + chunks.size() + " chunks");
    }
    return chunks;
  }

  /** Whether another area follows. */
  private boolean readArea(long area) throws IOException {
    long start = geometry.areaChunk(area) * geometry.chunkBytes();
    for (int at = 0; at < geometry.chunkBytes(); at += piece.capacity()) {
      try {
        store.read(start + at, piece.clear());
      } catch (EOFException e) {
        throw new TruncatedCowException(
            "the store ends within its table, after " + exceptions + " exceptions");
      }
      if (!readEntries(piece.flip())) {
        return false;
      }
    }
    return true;
  }

  /** Whether the table goes on behind these entries. */
  private boolean readEntries(ByteBuffer entries) {
    while (entries.hasRemaining()) {
      StoredException entry = new StoredException(entries.getLong(), entries.getLong());
      if (entry.newChunk() == 0) {
        return false;
      }
      entry.requirePossible(geometry);
      changed.add(entry.oldChunk());
      exceptions++;
      counted += entry.oldChunk() < end ? 1 : 0;
      if (counted == most) {
        return false;
      }
    }
    return true;
  }
}
