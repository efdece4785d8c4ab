package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever arrives, it is taken as what it is, or refused by a typed error. */
class DamagedStreamTest {

  private static final int PAGE = 4096;
  private static final byte[] STREAM = Streams.of(512, StoreBuilder.random(1, 200 * 512), 3, 4, 9);

  @Test
  void everyTruncationIsNoticed() {
    for (int length = 0; length < STREAM.length; length++) {
      byte[] cut = Arrays.copyOf(STREAM, length);
      assertThrows(
          TruncatedCowException.class, () -> Streams.read(cut, CowSink.NONE), "length " + length);
    }
  }

  @Test
  void flippedBitInAnyByteIsNoticed() {
    Random random = new Random(4);
    for (int at = 0; at < STREAM.length - 512 + 32; at++) { // the rest of the trailer is padding
      byte[] damaged = STREAM.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      assertThrows(
          CowFormatException.class, () -> Streams.read(damaged, CowSink.NONE), "byte " + at);
    }
  }

  @Test
  void streamThatGoesOnBehindItsTrailerIsRefused() {
    byte[] longer = Arrays.copyOf(STREAM, STREAM.length + 1);
    assertThrows(CorruptCowException.class, () -> Streams.read(longer, CowSink.NONE));
  }

  @Test
  void somethingElseIsNoStore() {
    assertThrows(
        NotCowException.class, () -> Streams.read(StoreBuilder.random(2, PAGE), CowSink.NONE));
    assertThrows(NotCowException.class, () -> Streams.read(new byte[PAGE], CowSink.NONE));
  }

  @Test
  void storeThatOverflowedIsRefusedBeforeAnythingIsHandedOn() {
    byte[] store = new StoreBuilder(PAGE, 1).put(1, (byte) 'a').field(1, 0).build();
    InvalidatedCowException e =
        assertThrows(
            InvalidatedCowException.class,
            () ->
                Streams.read(
                    store,
                    (position, data) -> {
                      throw new AssertionError("data of an invalid store");
                    }));
    assertTrue(e.getMessage().contains("full copy"), e.getMessage());
  }

  @Test
  void unknownVersionAndImpossibleChunkSizeAreNotSupported() {
    requireUnsupported(new StoreBuilder(PAGE, 1).field(2, 2));
    requireUnsupported(new StoreBuilder(PAGE, 1).field(3, 0));
    requireUnsupported(new StoreBuilder(PAGE, 1).field(3, 3));
    requireUnsupported(new StoreBuilder(PAGE, 1).field(3, -1));
    requireUnsupported(new StoreBuilder(PAGE, 1).field(3, 1 << 22));
  }

  @Test
  void moreExceptionsInOneAreaThanMemoryIsForAreRefused() {
    int chunkBytes = 16 << 20;
    int entries = (1 << 19) + 1;
    ByteBuffer stream = ByteBuffer.allocate(2 * chunkBytes).order(ByteOrder.LITTLE_ENDIAN);
    stream.putInt(0x70416e53).putInt(1).putInt(1).putInt(chunkBytes / 512).position(chunkBytes);
    for (int i = 0; i < entries; i++) {
      stream.putLong(2L * i).putLong(2 + i);
    }
    assertThrows(UnsupportedCowException.class, () -> Streams.read(stream.array(), CowSink.NONE));
  }

  private static void requireUnsupported(StoreBuilder store) {
    assertThrows(UnsupportedCowException.class, () -> Streams.read(store.build(), CowSink.NONE));
  }

  @Test
  void tablesThatCannotBeAreCorrupt() {
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, 5, 1)); // data in the table
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, 5, 258)); // data in the next area
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, 5, 300)); // data behind the next area
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, 5, 2).entry(1, 6, 2)); // data shared
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, -1, 2));
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, 5, -1));
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, Long.MAX_VALUE / PAGE, 2));
    requireCorrupt(new StoreBuilder(PAGE, 3).entry(0, 1L << 56, 2));
  }

  private static void requireCorrupt(StoreBuilder store) {
    assertThrows(CorruptCowException.class, () -> Streams.read(store.build(), CowSink.NONE));
  }

  /** A table whose end mark is overwritten leads on to an area that is not there. */
  @Test
  void tableWithoutEndIsTruncated() {
    StoreBuilder store = new StoreBuilder(512, 32);
    for (int i = 0; i < 32; i++) {
      store.put(i, (byte) i);
    }
    byte[] withoutEmptyArea = Arrays.copyOf(store.build(), 34 * 512);
    assertThrows(TruncatedCowException.class, () -> Streams.read(withoutEmptyArea, CowSink.NONE));
  }

  /** Damage of many kinds at once; the seed is in the message. */
  @Test
  void garbageNeverDoesWorseThanATypedError() {
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      byte[] stream = random.nextBoolean() ? STREAM.clone() : foreign(random);
      for (int i = random.nextInt(8); i >= 0; i--) {
        int at = random.nextInt(random.nextBoolean() ? 1024 : stream.length);
        stream[at] = (byte) random.nextInt();
      }
      byte[] damaged = Arrays.copyOf(stream, random.nextInt(2 * stream.length));
      assertDoesNotThrow(() -> readOrRefuse(damaged), "seed " + seed);
    }
  }

  private static byte[] foreign(Random random) {
    StoreBuilder store = new StoreBuilder(512, 70);
    for (int i = random.nextInt(70); i >= 0; i--) {
      store.put(random.nextInt(1000), (byte) i);
    }
    return store.build();
  }

  private static void readOrRefuse(byte[] stream) {
    try {
      Streams.read(stream, CowSink.NONE);
    } catch (CowFormatException e) {
      // the only other way to end
    }
  }
}
