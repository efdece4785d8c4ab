package io.replication4j.lvm.cow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The sector that ends our streams, behind the last data chunk: what arrived can be compared with
 * what was sent.
 *
 * @param exceptions how many chunks the stream holds
 * @param bytes the length of the stream before the trailer
 * @param crc32c CRC-32C of these bytes: a check against accidents, at the speed of memory; against
 *     malice, the transport has to help
 */
record CowTrailer(long exceptions, long bytes, int crc32c) {

  static final int BYTES = CowGeometry.SECTOR_BYTES;

  private static final long MAGIC = 0x4c494152544a3452L; // "R4JTRAIL", little endian
  private static final int CHECKSUM_AT = 28;

  /** The trailer in {@link #BYTES} bytes from the position on; empty if it is not one. */
  static Optional<CowTrailer> read(ByteBuffer bytes) {
    ByteBuffer sector = bytes.slice(bytes.position(), BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (sector.getLong(0) != MAGIC || sector.getInt(CHECKSUM_AT) != checksum(sector)) {
      return Optional.empty();
    }
    return Optional.of(new CowTrailer(sector.getLong(8), sector.getLong(16), sector.getInt(24)));
  }

  void write(ByteBuffer into) {
    ByteBuffer sector = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    sector.putLong(MAGIC).putLong(exceptions).putLong(bytes).putInt(crc32c);
    sector.putInt(CHECKSUM_AT, checksum(sector));
    into.put(sector.clear());
  }

  private static int checksum(ByteBuffer sector) {
    CRC32C crc = new CRC32C();
    crc.update(sector.slice(0, CHECKSUM_AT));
    return (int) crc.getValue();
  }
}
