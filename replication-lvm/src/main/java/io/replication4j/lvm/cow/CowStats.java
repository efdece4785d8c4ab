package io.replication4j.lvm.cow;

/**
 * What a store holds.
 *
 * @param header its header
 * @param exceptions how many chunks it holds
 * @param verified whether the stream carried our trailer, and it fitted
 */
public record CowStats(CowHeader header, long exceptions, boolean verified) {

  /** The areas of the table, each one chunk. */
  public long exceptionChunks() {
    return header.geometry().areas(exceptions);
  }

  /** Header and table, in bytes. */
  public long metadataBytes() {
    return (1 + exceptionChunks()) * header.geometry().chunkBytes();
  }

  /** The chunks themselves, in bytes. */
  public long dataBytes() {
    return exceptions * header.geometry().chunkBytes();
  }

  /** Metadata and data, in bytes, without our trailer. */
  public long totalBytes() {
    return metadataBytes() + dataBytes();
  }
}
