package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Ten million exceptions of a tebibyte, in a JVM with 128 MiB of heap. */
class ManyExceptionsIT {

  private static final int EXCEPTIONS = 10_000_000;
  private static final long ORIGIN_BYTES = 1L << 40;
  private static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();

  /** What runs in the small JVM. */
  static final class Small {

    private Small() {}

    public static void main(String[] args) throws IOException {
      ChunkSet chunks = ExceptionTable.changedChunks(GEOMETRY, Long.MAX_VALUE, Small::table);
      StreamIdentity identity =
          new StreamIdentity(Streams.BASE, Streams.TARGET, ORIGIN_BYTES, chunks.size());
      AtomicLong bytes = new AtomicLong();
      CowWriter.write(GEOMETRY, identity, chunks, (at, into) -> skip(into), counting(bytes));
      if (chunks.size() != EXCEPTIONS || bytes.get() != GEOMETRY.streamBytes(EXCEPTIONS)) {
        throw new AssertionError(chunks.size() + " chunks, " + bytes + " bytes");
      }
    }

    /** Scattered all over: a multiplication by an odd number permutes the chunks. */
    private static void table(long position, ByteBuffer into) {
      long chunk = position / GEOMETRY.chunkBytes();
      long exception = (chunk - 1) / 257 * 256 + position % GEOMETRY.chunkBytes() / 16;
      ByteBuffer entries = into.order(ByteOrder.LITTLE_ENDIAN);
      while (entries.hasRemaining()) {
        boolean there = exception < EXCEPTIONS;
        entries.putLong(there ? exception * 0x9E3779B1L & (1 << 28) - 1 : 0);
        entries.putLong(there ? GEOMETRY.dataChunk(exception) : 0);
        exception++;
      }
    }

    private static void skip(ByteBuffer into) {
      into.position(into.limit());
    }
  }

  private static WritableByteChannel counting(AtomicLong bytes) {
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer from) {
        int length = from.remaining();
        bytes.addAndGet(length);
        from.position(from.limit());
        return length;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void passThroughAHeapOf128MiB() throws Exception {
    Process small =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Small.class.getName())
            .inheritIO()
            .start();
    assertEquals(0, small.waitFor());
  }
}
