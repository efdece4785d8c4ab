package io.replication4j.lvm.cow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that can be read by position: a volume's version, or a store. */
@FunctionalInterface
public interface ByteSource {

  /**
   * Fills {@code into}, from its position to its limit, with the bytes from {@code position} on.
   *
   * @throws EOFException if there are not as many
   * @throws IOException if they cannot be read
   */
  void read(long position, ByteBuffer into) throws IOException;
}
