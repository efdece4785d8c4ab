package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes to a file or device, and meanwhile has what was written before put on disk, so that the
 * disk works from the start. Used by one thread.
 */
final class WriteBehind implements WritableByteChannel {

  private static final long FLUSHED_AT_ONCE = 32 << 20;

  private final FileChannel channel;
  private final ExecutorService flusher = Executors.newSingleThreadExecutor(WriteBehind::thread);
  private Future<?> flush = CompletableFuture.completedFuture(null);
  private long unflushed;
  private long position;

  WriteBehind(FileChannel channel) {
    this.channel = channel;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "write-behind");
    thread.setDaemon(true);
    return thread;
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
      finishFlush();
      unflushed = 0;
      flush =
          flusher.submit(
              () -> {
                channel.force(false);
                return true;
              });
    }
  }

  /** Returns when everything that was written is on disk. */
  void force() throws IOException {
    finishFlush();
    channel.force(false);
  }

  /** A failed flush is told once only by the system: it must not be lost. */
  private void finishFlush() throws IOException {
    try {
      flush.get();
    } catch (ExecutionException e) {
      throw new IOException("writing to disk failed: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  /** Does not close the file. */
  @Override
  public void close() {
    flusher.shutdown();
  }
}
