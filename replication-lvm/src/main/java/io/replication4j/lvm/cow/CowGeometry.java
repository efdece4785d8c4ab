package io.replication4j.lvm.cow;

/**
 * Where things lie in a store of one chunk size. Chunk 0 is the header; area {@code k}, one chunk
 * of exceptions, is chunk {@code 1 + k * (E + 1)}, and the up to {@code E} data chunks of its
 * exceptions follow it. All positions are chunk numbers, counted from 0. Source: {@code
 * drivers/md/dm-snap-persistent.c}.
 *
 * @param chunkBytes bytes per chunk: a power of two from 512 B to 1 GiB, which is what the kernel
 *     takes; LVM makes 4 KiB to 512 KiB
 */
public record CowGeometry(int chunkBytes) {

  /** Bytes per sector, the unit of chunk sizes in the header. */
  public static final int SECTOR_BYTES = 512;

  /** Bytes per entry of the exception table. */
  static final int EXCEPTION_BYTES = 16;

  private static final int MAX_CHUNK_BYTES = 1 << 30;

  /** Throws {@link IllegalArgumentException} if no store can have chunks of that size. */
  public CowGeometry {
    if (!isLegal(chunkBytes)) {
      throw new IllegalArgumentException(
          "chunk size " + chunkBytes + " B is not a power of two from 512 B to 1 GiB");
    }
  }

  /** LVM's default: 4 KiB. */
  public static CowGeometry ofDefaultChunks() {
    return new CowGeometry(4096);
  }

  static boolean isLegal(long chunkBytes) {
    return chunkBytes >= SECTOR_BYTES
        && chunkBytes <= MAX_CHUNK_BYTES
        && Long.bitCount(chunkBytes) == 1;
  }

  /** Sectors of 512 bytes per chunk. */
  public int chunkSectors() {
    return chunkBytes / SECTOR_BYTES;
  }

  /** The chunks of a volume of that many bytes; the last may be cut. */
  public long chunksOf(long volumeBytes) {
    return volumeBytes / chunkBytes + (volumeBytes % chunkBytes == 0 ? 0 : 1);
  }

  /** E: exceptions per area. */
  public int exceptionsPerArea() {
    return chunkBytes / EXCEPTION_BYTES;
  }

  /** The chunk that holds that area of the exception table; areas count from 0. */
  public long areaChunk(long area) {
    return 1 + area * (exceptionsPerArea() + 1L);
  }

  /** The chunk that holds the data of that exception in a store without gaps; they count from 0. */
  public long dataChunk(long exception) {
    return areaChunk(exception / exceptionsPerArea()) + 1 + exception % exceptionsPerArea();
  }

  /** Whether that chunk is the header or an area, and so cannot hold data. */
  public boolean isMetadata(long chunk) {
    return chunk == 0 || (chunk - 1) % (exceptionsPerArea() + 1L) == 0;
  }

  /**
   * The areas of a table of that many exceptions: a last one that is full is followed by an empty
   * one, because only an empty entry ends the table.
   */
  public long areas(long exceptions) {
    return exceptions / exceptionsPerArea() + 1;
  }

  /** The chunks of a store without gaps that holds that many exceptions. */
  public long storeChunks(long exceptions) {
    return 1 + areas(exceptions) + exceptions;
  }

  /**
   * The bytes of a stream that {@link CowWriter} writes for that many exceptions, the trailer
   * included.
   */
  public long streamBytes(long exceptions) {
    return storeChunks(exceptions) * chunkBytes + CowTrailer.BYTES;
  }
}
