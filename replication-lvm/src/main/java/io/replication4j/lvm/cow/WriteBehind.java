package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Writes to a file or device, and meanwhile has what was written before put on disk, so that the
 * disk works from the start. Used by one thread.
 */
final class WriteBehind implements WritableByteChannel {

  private static final long FLUSHED_AT_ONCE = 32 << 20;

  private final FileChannel channel;
  private final Background flusher = new Background(1, "write-behind");
  private Future<?> flush = CompletableFuture.completedFuture(null);
  private long unflushed;
  private long position;

  WriteBehind(FileChannel channel) {
    this.channel = channel;
  }

  /** Writes behind what was written this way before; all of it. */
  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    write(bytes, position);
    position += length;
    return length;
  }

  void write(ByteBuffer bytes, long start) throws IOException {
    unflushed += bytes.remaining();
    long at = start;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
    if (unflushed >= FLUSHED_AT_ONCE && flush.isDone()) {
      Background.join(flush); // a failed flush is told once only by the system: it must not be lost
      unflushed = 0;
      flush =
          flusher.start(
              () -> {
                channel.force(false);
                return true;
              });
    }
  }

  /** Returns when everything that was written is on disk. */
  void force() throws IOException {
    Background.join(flush);
    channel.force(false);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  /** Does not close the file. */
  @Override
  public void close() {
    flusher.close();
  }
}
