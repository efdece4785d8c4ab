package io.replication4j.btrfs;

/**
 * CRC-32C as btrfs uses it in send streams: without the inversions before and after, so that it can
 * be continued.
 */
final class Crc32c {

  private static final int POLYNOMIAL = 0x82F63B78; // Castagnoli, reflected
  private static final int[] TABLE = table();

  private Crc32c() {}

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
      }
      table[i] = crc;
    }
    return table;
  }

  static int of(int start, byte[] bytes) {
    int crc = start;
    for (byte b : bytes) {
      crc = crc >>> 8 ^ TABLE[(crc ^ b) & 0xFF];
    }
    return crc;
  }
}
