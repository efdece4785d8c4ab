package io.replication4j.lvm.cow;

import java.io.IOException;
import java.io.InputStream;

/** Reads streams from their beginning to their end, in constant memory. */
public final class CowReader {

  private CowReader() {}

  /**
   * Hands everything in the stream to {@code sink}, and returns when its end was proven; a stream
   * of another program, without a trailer, ends with its table's last data chunk. Each area's data
   * must follow it, as every writer lays it out; the order of the table is free.
   *
   * @throws CowFormatException if the stream is none, is cut off, damaged or longer than it says;
   *     {@code sink} may have got a part of it by then
   * @throws IOException if {@code in} or {@code sink} says so
   */
  public static CowStats read(InputStream in, CowSink sink) throws IOException {
    throw new UnsupportedOperationException();
  }
}
