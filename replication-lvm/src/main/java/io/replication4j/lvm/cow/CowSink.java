package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What becomes of a stream's content. */
public interface CowSink {

  /** Takes content and forgets it: the stream is only checked. */
  CowSink NONE = (first, data) -> {};

  /** Called once, before any data. */
  default void header(CowHeader header) throws IOException {}

  /**
   * The data of chunks that follow each other in the volume, from {@code first} on: whole chunks,
   * from the position of {@code data} to its limit. The buffer is only lent.
   *
   * @throws IOException to end the reading
   */
  void data(long first, ByteBuffer data) throws IOException;
}
