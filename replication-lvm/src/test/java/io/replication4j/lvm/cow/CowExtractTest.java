package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.NotFoundException;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From stores as the kernel lays them out; {@code CowKernelLabIT} has real ones. */
class CowExtractTest {

  private static final int PAGE = 4096;
  private static final byte[] VOLUME = StoreBuilder.random(1, 600 * PAGE);

  @TempDir Path directory;

  private byte[] extract(StoreBuilder store) throws Exception {
    return extract(store, VOLUME);
  }

  private byte[] extract(StoreBuilder store, byte[] volume) throws Exception {
    Path cow = store.write(directory.resolve("cow"));
    Path source = Files.write(directory.resolve("source"), volume);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CowExtract.extract(cow, source, Streams.BASE, Streams.TARGET, Channels.newChannel(out));
    return out.toByteArray();
  }

  @Test
  void takesTheListFromTheStoreAndTheDataFromTheSource() throws Exception {
    StoreBuilder store = new StoreBuilder(PAGE, 5);
    store.put(17, (byte) 'o').put(3, (byte) 'l').put(4, (byte) 'd');
    assertArrayEquals(Streams.of(PAGE, VOLUME, 3, 4, 17), extract(store));
  }

  @Test
  void emptyStoreIsAnEmptyStream() throws Exception {
    byte[] stream = extract(new StoreBuilder(PAGE, 1));
    assertEquals(0, Streams.read(stream, CowSink.NONE).exceptions());
  }

  @Test
  void tableOfSeveralAreasIsReadWhereverItEnds() throws Exception {
    for (int count : new int[] {255, 256, 257, 512}) {
      StoreBuilder store = new StoreBuilder(PAGE, count);
      ChunkSet.Builder chunks = ChunkSet.builder();
      for (int chunk = count - 1; chunk >= 0; chunk--) {
        store.put(chunk, (byte) 1);
        chunks.add(chunk);
      }
      assertArrayEquals(
          Streams.of(PAGE, VOLUME, chunks.build()), extract(store), count + " chunks");
    }
  }

  @Test
  void lastChunkOfTheVolumeMayBeCut() throws Exception {
    byte[] volume = Arrays.copyOf(VOLUME, 5 * PAGE + 512);
    byte[] stream = extract(new StoreBuilder(PAGE, 1).put(5, (byte) 1), volume);
    assertArrayEquals(Streams.of(PAGE, volume, 5), stream);
  }

  @Test
  void storesThatCannotBeUsedAreRefused() {
    StoreBuilder twice = new StoreBuilder(PAGE, 2).put(1, (byte) 1).put(1, (byte) 1);
    assertThrows(CorruptCowException.class, () -> extract(twice));
    StoreBuilder intoTable = new StoreBuilder(PAGE, 2).entry(0, 1, 258);
    assertThrows(CorruptCowException.class, () -> extract(intoTable));
    StoreBuilder behindTheEnd = new StoreBuilder(PAGE, 2).put(600, (byte) 1);
    assertThrows(CorruptCowException.class, () -> extract(behindTheEnd));
    StoreBuilder overflowed = new StoreBuilder(PAGE, 2).field(1, 0);
    assertThrows(InvalidatedCowException.class, () -> extract(overflowed));
    StoreBuilder something = new StoreBuilder(PAGE, 2).field(0, 0x1234);
    assertThrows(NotCowException.class, () -> extract(something));
  }

  @Test
  void storeThatEndsWithinItsTableIsTruncated() throws Exception {
    Path source = Files.write(directory.resolve("source"), VOLUME);
    StoreBuilder store = new StoreBuilder(PAGE, 256);
    for (int i = 0; i < 256; i++) {
      store.put(i, (byte) 1);
    }
    for (int length : new int[] {0, 100, PAGE, 2 * PAGE - 1, 258 * PAGE}) {
      Path cow = Files.write(directory.resolve("cow"), Arrays.copyOf(store.build(), length));
      assertThrows(
          TruncatedCowException.class,
          () ->
              CowExtract.extract(
                  cow,
                  source,
                  Optional.empty(),
                  Optional.empty(),
                  Channels.newChannel(new ByteArrayOutputStream())),
          length + " bytes");
    }
  }

  @Test
  void missingFileIsNamed() {
    Path absent = directory.resolve("absent");
    NotFoundException e =
        assertThrows(
            NotFoundException.class,
            () ->
                CowExtract.extract(
                    absent,
                    absent,
                    Optional.empty(),
                    Optional.empty(),
                    Channels.newChannel(new ByteArrayOutputStream())));
    assertTrue(e.getMessage().contains(absent.toString()), e.getMessage());
  }
}
