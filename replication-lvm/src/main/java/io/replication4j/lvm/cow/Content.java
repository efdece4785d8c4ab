package io.replication4j.lvm.cow;

/**
 * A stream that was read to its end.
 *
 * @param bytes its length up to the end of the last data chunk
 * @param crc32c CRC-32C of these bytes
 */
record Content(CowStats stats, long bytes, int crc32c) {

  /** The length of the whole stream, with its trailer. */
  long streamBytes() {
    return bytes + (stats.verified() ? CowTrailer.BYTES : 0);
  }
}
