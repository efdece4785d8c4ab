package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks that are read ahead are those that are read one by one. */
class ReadAheadTest {

  private static ReadableByteChannel channel(byte[] bytes) {
    return Channels.newChannel(new ByteArrayInputStream(bytes));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 4711})
  void theSamePiecesComeInTheSameOrder(int length) throws IOException {
    byte[] bytes = StoreBuilder.random(1, length);
    Random random = new Random(length);
    try (CheckedInput plain = new CheckedInput(channel(bytes));
        CheckedInput ahead = new CheckedInput(new ReadAhead(channel(bytes)))) {
      while (!plain.atEnd()) {
        int most = 1 + random.nextInt(CheckedInput.MOST_TAKEN);
        if (plain.has(most)) {
          assertTrue(ahead.has(most));
          assertEquals(plain.take(most, "a part"), ahead.take(most, "a part"));
        } else {
          ByteBuffer rest = plain.takeSome(most, "the rest");
          assertEquals(rest, ahead.take(rest.remaining(), "the rest"));
        }
        assertEquals(plain.position(), ahead.position());
      }
      assertTrue(ahead.atEnd());
      assertEquals(length, ahead.position());
      assertEquals(plain.crc32c(), ahead.crc32c());
      assertThrows(TruncatedCowException.class, () -> ahead.take(1, "nothing"));
    }
  }

  /** Fails when a second block is wanted. */
  private static final class Failing implements ReadableByteChannel {

    private int left = 1 << 20;

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (left == 0) {
        throw new IOException("Input/output error");
      }
      int length = Math.min(left, into.remaining());
      into.put(new byte[length]);
      left -= length;
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void aFailureIsToldWhereItIsReached() throws IOException {
    try (CheckedInput ahead = new CheckedInput(new ReadAhead(new Failing()))) {
      for (int i = 0; i < 16; i++) {
        ahead.take(64 << 10, "what could be read");
      }
      IOException failure = assertThrows(IOException.class, () -> ahead.take(1, "more"));
      assertEquals("Input/output error", failure.getMessage());
    }
  }

  @Test
  void whoStopsEarlyLeavesTheFileOpen(@TempDir Path directory) throws IOException {
    Path file = Files.write(directory.resolve("file"), StoreBuilder.random(1, 4 << 20));
    try (FileChannel in = FileChannel.open(file)) {
      for (int i = 0; i < 50; i++) {
        try (CheckedInput ahead = new CheckedInput(new ReadAhead(in.position(0)))) {
          ahead.take(1, "a byte");
        }
        assertTrue(in.isOpen());
      }
    }
  }

  @Test
  void whoIsInterruptedHearsIt() {
    try (CheckedInput ahead = new CheckedInput(new ReadAhead(new Failing()))) {
      Thread.currentThread().interrupt();
      assertThrows(ClosedByInterruptException.class, () -> ahead.take(1, "a byte"));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void whoIsInterruptedHearsItWhereNothingHasToBeWaitedFor() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          ClosedByInterruptException.class,
          () -> Background.join(CompletableFuture.completedFuture(null)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
