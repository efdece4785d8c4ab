package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** The first bytes of a channel, as if there were no more. */
final class Beginning implements ReadableByteChannel {

  private final ReadableByteChannel in;
  private long left;

  Beginning(ReadableByteChannel in, long bytes) {
    this.in = in;
    this.left = bytes;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (left == 0) {
      return -1;
    }
    int limit = into.limit();
    into.limit((int) Math.min(limit, into.position() + Math.min(left, Integer.MAX_VALUE)));
    try {
      int read = in.read(into);
      left -= Math.max(0, read);
      return read;
    } finally {
      into.limit(limit);
    }
  }

  @Override
  public boolean isOpen() {
    return in.isOpen();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
