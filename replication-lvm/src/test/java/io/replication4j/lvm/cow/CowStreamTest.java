package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.VersionId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read again, and is what a kernel expects where. */
class CowStreamTest {

  private static final int PAGE = 4096;

  @Test
  void layoutIsTheKernels() {
    byte[] volume = StoreBuilder.random(1, 8 * PAGE);
    byte[] stream = Streams.of(PAGE, volume, 6, 2, 3);
    ByteBuffer at = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0x70416e53, at.getInt(0));
    assertEquals(1, at.getInt(4), "valid");
    assertEquals(1, at.getInt(8), "version");
    assertEquals(8, at.getInt(12), "chunk size in sectors");
    long[] table = {2, 2, 3, 3, 6, 4, 0, 0};
    for (int i = 0; i < table.length; i++) {
      assertEquals(table[i], at.getLong(PAGE + i * 8), "word " + i);
    }
    assertArrayEquals(chunk(volume, 2), chunk(stream, 2));
    assertArrayEquals(chunk(volume, 3), chunk(stream, 3));
    assertArrayEquals(chunk(volume, 6), chunk(stream, 4));
    assertEquals(5 * PAGE + 512, stream.length, "chunks and the trailer's sector");
  }

  private static byte[] chunk(byte[] from, int chunk) {
    return Arrays.copyOfRange(from, chunk * PAGE, (chunk + 1) * PAGE);
  }

  @Test
  void identityAndCountsArriveWithTheData() {
    CowStats stats = Streams.read(Streams.of(PAGE, new byte[8 * PAGE], 1), CowSink.NONE);
    assertTrue(stats.verified());
    assertEquals(
        Optional.of(new StreamIdentity(Streams.BASE, Streams.TARGET, 8 * PAGE, 1)),
        stats.header().identity());
  }

  @Test
  void chunksThatAreFoundOnTheWayAreCountedAtTheEnd() throws IOException {
    byte[] volume = new byte[700 * 512];
    Arrays.fill(volume, (byte) 7);
    StreamIdentity identity =
        new StreamIdentity(Optional.empty(), Streams.TARGET, volume.length, OptionalLong.empty());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CowWriter.write(
        new CowGeometry(512),
        identity,
        List.of(new ChunkRange(1, 40), new ChunkRange(600, 100)).iterator(),
        (position, into) -> into.put(volume, (int) position, into.remaining()),
        Channels.newChannel(out));
    byte[] arrived = new byte[volume.length];
    CowStats stats = Streams.read(out.toByteArray(), Streams.into(arrived));
    assertTrue(stats.verified());
    assertEquals(140, stats.exceptions());
    assertEquals(Optional.of(identity), stats.header().identity());
    assertArrayEquals(new byte[512], Arrays.copyOf(arrived, 512));
    assertArrayEquals(
        Arrays.copyOfRange(volume, 512, 41 * 512), Arrays.copyOfRange(arrived, 512, 41 * 512));
    assertArrayEquals(new byte[559 * 512], Arrays.copyOfRange(arrived, 41 * 512, 600 * 512));
  }

  @Test
  void idOfTheLongestLengthFitsIntoASector() {
    Optional<VersionId> longest =
        Optional.of(VersionId.of("x".repeat(StreamIdentity.MAX_ID_BYTES)));
    StreamIdentity identity = new StreamIdentity(longest, longest, 0, 0);
    ByteBuffer sector = ByteBuffer.allocate(CowHeader.BYTES);
    new CowHeader(true, new CowGeometry(512), Optional.of(identity)).write(sector);
    assertEquals(Optional.of(identity), CowHeader.read(sector.flip()).identity());
    VersionId longer = VersionId.of("x" + longest.get().value());
    assertThrows(
        IllegalArgumentException.class,
        () -> new StreamIdentity(Optional.of(longer), longest, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 4096, 65536, 524288})
  void roundTripAtEveryFillOfTheLastArea(int chunkBytes) {
    int perArea = chunkBytes / 16;
    for (int chunks : new int[] {0, 1, perArea - 1, perArea, perArea + 1, 2 * perArea}) {
      if ((long) chunks * chunkBytes < 64 << 20) {
        requireRoundTrip(chunkBytes, chunks);
      }
    }
  }

  private static void requireRoundTrip(int chunkBytes, int chunks) {
    byte[] volume = StoreBuilder.random(chunks, Math.max(1, 2 * chunks) * chunkBytes);
    ChunkSet.Builder set = ChunkSet.builder();
    byte[] expected = new byte[volume.length];
    for (int i = 0; i < chunks; i++) {
      int chunk = 2 * i + i % 2; // single ones and pairs
      set.add(chunk);
      System.arraycopy(volume, chunk * chunkBytes, expected, chunk * chunkBytes, chunkBytes);
    }
    byte[] stream = Streams.of(chunkBytes, volume, set.build());
    assertEquals(new CowGeometry(chunkBytes).streamBytes(chunks), stream.length);
    byte[] merged = new byte[volume.length];
    CowStats stats = Streams.read(stream, Streams.into(merged));
    assertEquals(chunks, stats.exceptions());
    assertArrayEquals(expected, merged);
  }

  @Test
  void lastChunkOfAnOriginThatEndsWithinItIsCut() {
    byte[] volume = StoreBuilder.random(3, 5 * PAGE + 512);
    byte[] merged = new byte[volume.length];
    Streams.read(Streams.of(PAGE, volume, 4, 5), Streams.into(merged));
    assertArrayEquals(
        Arrays.copyOfRange(volume, 4 * PAGE, volume.length),
        Arrays.copyOfRange(merged, 4 * PAGE, merged.length));
  }

  @Test
  void chunkBehindTheEndOfTheOriginIsRefusedBeforeAnythingIsWritten() {
    assertThrows(IllegalArgumentException.class, () -> Streams.of(PAGE, new byte[PAGE], 1));
  }

  @Test
  void anotherProgramsStreamIsReadAndIsNotVerified() {
    byte[] store = new StoreBuilder(PAGE, 3).put(5, (byte) 'a').put(1, (byte) 'b').build();
    byte[] merged = new byte[8 * PAGE];
    CowStats stats = Streams.read(store, Streams.into(merged));
    assertFalse(stats.verified());
    assertEquals(Optional.empty(), stats.header().identity());
    assertEquals(2, stats.exceptions());
    assertEquals('a', merged[5 * PAGE]);
    assertEquals('b', merged[2 * PAGE - 1]);
    assertEquals(0, merged[2 * PAGE]);
  }

  @Test
  void dataChunksMayLieInAnotherOrderThanTheTable() {
    byte[] store =
        new StoreBuilder(PAGE, 4)
            .put(5, (byte) 'a')
            .put(6, (byte) 'b')
            .put(9, (byte) 'c')
            .entry(0, 5, 3)
            .entry(1, 6, 2)
            .build();
    byte[] merged = new byte[16 * PAGE];
    Streams.read(store, Streams.into(merged));
    assertEquals('b', merged[5 * PAGE]);
    assertEquals('a', merged[6 * PAGE]);
    assertEquals('c', merged[9 * PAGE]);
  }

  @Test
  void randomTablesComeThroughInAnyOrder() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int chunkBytes = 512 << random.nextInt(4);
      int count = random.nextInt(3 * chunkBytes / 16);
      StoreBuilder store = new StoreBuilder(chunkBytes, count);
      byte[] expected = new byte[4 * (count + 1) * chunkBytes];
      List<Integer> chunks = shuffled(4 * count, random).subList(0, count);
      for (int chunk : chunks) {
        byte content = (byte) (1 + random.nextInt(100));
        store.put(chunk, content);
        Arrays.fill(expected, chunk * chunkBytes, (chunk + 1) * chunkBytes, content);
      }
      byte[] merged = new byte[expected.length];
      Streams.read(store.build(), Streams.into(merged));
      assertArrayEquals(expected, merged, "seed " + seed);
    }
  }

  private static List<Integer> shuffled(int count, Random random) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(i);
    }
    Collections.shuffle(numbers, random);
    return numbers;
  }
}
