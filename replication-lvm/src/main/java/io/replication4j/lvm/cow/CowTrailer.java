package io.replication4j.lvm.cow;

/**
 * The sector that ends our streams, behind the last data chunk: what arrived can be compared with
 * what was sent.
 *
 * @param exceptions how many chunks the stream holds
 * @param bytes the length of the stream before the trailer
 * @param crc32c CRC-32C of these bytes
 */
record CowTrailer(long exceptions, long bytes, int crc32c) {

  static final int BYTES = CowGeometry.SECTOR_BYTES;
}
