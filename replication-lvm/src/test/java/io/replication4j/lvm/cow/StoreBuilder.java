package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Stores as the kernel lays them out, byte by byte, and independent of the code under test. */
final class StoreBuilder {

  private final int chunkBytes;
  private final ByteBuffer bytes;
  private int exceptions;

  StoreBuilder(int chunkBytes, int room) {
    this.chunkBytes = chunkBytes;
    int perArea = chunkBytes / 16;
    this.bytes =
        ByteBuffer.allocate((2 + room / perArea + room) * chunkBytes)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0x70416e53).putInt(1).putInt(1).putInt(chunkBytes / 512);
  }

  /** Appends an exception whose data is that text's, again and again. */
  StoreBuilder put(long oldChunk, byte content) {
    int perArea = chunkBytes / 16;
    int area = exceptions / perArea;
    int areaChunk = 1 + area * (perArea + 1);
    int newChunk = areaChunk + 1 + exceptions % perArea;
    bytes.putLong(areaChunk * chunkBytes + exceptions % perArea * 16, oldChunk);
    bytes.putLong(areaChunk * chunkBytes + exceptions % perArea * 16 + 8, newChunk);
    for (int i = 0; i < chunkBytes; i++) {
      bytes.put(newChunk * chunkBytes + i, content);
    }
    exceptions++;
    return this;
  }

  /** Overwrites an entry of the first area. */
  StoreBuilder entry(int index, long oldChunk, long newChunk) {
    bytes.putLong(chunkBytes + index * 16, oldChunk);
    bytes.putLong(chunkBytes + index * 16 + 8, newChunk);
    return this;
  }

  StoreBuilder field(int index, int value) {
    bytes.putInt(index * 4, value);
    return this;
  }

  byte[] build() {
    return bytes.array().clone();
  }

  Path write(Path file) throws IOException {
    return Files.write(file, build());
  }

  static byte[] random(long seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }
}
