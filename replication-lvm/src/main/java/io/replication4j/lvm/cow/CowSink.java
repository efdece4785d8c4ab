package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What becomes of a stream's content. */
public interface CowSink {

  /** Takes content and forgets it: the stream is only checked. */
  CowSink NONE = (position, data) -> {};

  /** Called once, before any data; the header is valid. */
  default void header(CowHeader header) throws IOException {}

  /**
   * Bytes of the volume, whatever their number, from {@code position} on: those from the position
   * of {@code data} to its limit. Nothing behind the end of the origin, where the stream tells it.
   * The buffer is only lent.
   *
   * @throws IOException to end the reading
   */
  void data(long position, ByteBuffer data) throws IOException;
}
