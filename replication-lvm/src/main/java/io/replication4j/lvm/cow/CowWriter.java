package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** Writes streams: a store that a kernel takes, with our identity in its header and our trailer. */
public final class CowWriter {

  private CowWriter() {}

  /**
   * Writes the stream that holds these chunks, in ascending order, with their data from {@code
   * data}: {@link CowGeometry#streamBytes} bytes, in blocks of up to a mebibyte; {@code out} stays
   * open.
   *
   * @throws IllegalArgumentException if {@code identity} counts other than {@code chunks}, or a
   *     chunk lies behind the end of the origin
   * @throws IOException if {@code data} cannot be read or {@code out} not be written; what was
   *     written up to then is no complete stream, and every reader sees that
   */
  public static CowStats write(
      CowGeometry geometry,
      StreamIdentity identity,
      ChunkSet chunks,
      ChunkSource data,
      WritableByteChannel out)
      throws IOException {
    throw new UnsupportedOperationException();
  }
}
