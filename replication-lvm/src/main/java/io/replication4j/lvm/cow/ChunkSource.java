package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The data of a volume's version. */
@FunctionalInterface
public interface ChunkSource {

  /**
   * Fills {@code into}, from its position to its limit, with the volume's bytes from the start of
   * chunk {@code first} on; zeroes where the volume ends before. Called in ascending order of
   * chunks, for whole chunks, and only for those that were announced.
   *
   * @throws IOException if they cannot be read
   */
  void read(long first, ByteBuffer into) throws IOException;
}
