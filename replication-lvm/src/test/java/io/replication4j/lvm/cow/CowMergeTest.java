package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.BusyException;
import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CowMergeTest {

  private static final int PAGE = 4096;
  private static final byte[] OLD = StoreBuilder.random(1, 40 * PAGE);
  private static final byte[] NEW = StoreBuilder.random(2, 40 * PAGE);

  @TempDir Path directory;
  private Path destination;
  private Path stream;

  @BeforeEach
  void makeDestination() throws IOException {
    destination = Files.write(directory.resolve("image"), OLD);
    stream = directory.resolve("delta");
  }

  /** The old content with these chunks of the new one. */
  private static byte[] changed(int... chunks) {
    byte[] content = OLD.clone();
    for (int chunk : chunks) {
      System.arraycopy(NEW, chunk * PAGE, content, chunk * PAGE, PAGE);
    }
    return content;
  }

  private static ReadableByteChannel pipe(byte[] bytes) {
    return Channels.newChannel(new ByteArrayInputStream(bytes));
  }

  private void requireContent(byte[] expected) throws IOException {
    assertArrayEquals(expected, Files.readAllBytes(destination));
  }

  private void requireNoJournal() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(
          List.of(), files.filter(f -> f.toString().contains(".merge")).toList(), "left over");
    }
  }

  @Nested
  class AWholeStream {

    @Test
    void changesItsChunksAndNoOthers() throws Exception {
      CowStats stats = CowMerge.into(destination).merge(pipe(Streams.of(PAGE, NEW, 1, 2, 30)));
      assertEquals(3, stats.exceptions());
      assertTrue(stats.verified());
      requireContent(changed(1, 2, 30));
      requireNoJournal();
    }

    @Test
    void isTakenFromAFileWhichIsLeftAlone() throws Exception {
      byte[] content = Streams.of(PAGE, NEW, 7, 39);
      CowMerge.into(destination).merge(Files.write(stream, content));
      requireContent(changed(7, 39));
      assertArrayEquals(content, Files.readAllBytes(stream));
      requireNoJournal();
    }

    @Test
    void isMergedWithoutAJournalIfTheCallerSaysSo() throws Exception {
      byte[] content = Streams.of(PAGE, NEW, 7, 39);
      CowMerge.into(destination).nonAtomic().merge(pipe(content));
      requireContent(changed(7, 39));
      CowMerge.into(destination).nonAtomic().merge(Files.write(stream, content));
      requireContent(changed(7, 39));
      requireNoJournal();
    }

    @Test
    void withoutChangesChangesNothing() throws Exception {
      CowMerge.into(destination).merge(pipe(Streams.of(PAGE, NEW)));
      requireContent(OLD);
    }

    @Test
    void ofAnotherProgramIsMergedAndNotVerified() throws Exception {
      byte[] store = new StoreBuilder(PAGE, 2).put(3, (byte) 'x').build();
      assertFalse(CowMerge.into(destination).merge(pipe(store)).verified());
      byte[] expected = OLD.clone();
      Arrays.fill(expected, 3 * PAGE, 4 * PAGE, (byte) 'x');
      requireContent(expected);
    }

    @Test
    void mayBeFollowedByTheUnusedRestOfItsDevice() throws Exception {
      byte[] store = new StoreBuilder(PAGE, 2).put(3, (byte) 'x').build();
      byte[] device = Arrays.copyOf(store, 4 << 20);
      CowMerge.into(destination).merge(Files.write(stream, device));
      CowMerge.into(destination).merge(pipe(device));
      CowMerge.into(destination).nonAtomic().merge(pipe(device));
      assertEquals('x', Files.readAllBytes(destination)[3 * PAGE]);
      requireNoJournal();
    }

    @Test
    void doesNotReachBehindADestinationThatEndsWithinAChunk() throws Exception {
      Files.write(destination, Arrays.copyOf(OLD, 5 * PAGE + 512));
      byte[] store = new StoreBuilder(PAGE, 2).put(5, (byte) 'x').build();
      CowMerge.into(destination).merge(pipe(store));
      assertEquals(5 * PAGE + 512, Files.size(destination));
      assertEquals('x', Files.readAllBytes(destination)[5 * PAGE + 511]);
    }

    @Test
    void goesThroughAJournalElsewhere() throws Exception {
      Path journals = Files.createDirectory(directory.resolve("journals"));
      CowMerge.into(destination).journalIn(journals).merge(pipe(Streams.of(PAGE, NEW, 4)));
      requireContent(changed(4));
      try (Stream<Path> left = Files.list(journals)) {
        assertEquals(0, left.count());
      }
    }
  }

  @Nested
  class AStreamThatIsRefused {

    @Test
    void isCutOffAnywhere() throws Exception {
      byte[] content = Streams.of(PAGE, NEW, 1, 2, 30);
      for (int length = 0; length < content.length; length += 500) {
        byte[] cut = Arrays.copyOf(content, length);
        assertThrows(
            TruncatedCowException.class, () -> CowMerge.into(destination).merge(pipe(cut)));
        Files.write(stream, cut);
        assertThrows(TruncatedCowException.class, () -> CowMerge.into(destination).merge(stream));
        assertThrows(
            TruncatedCowException.class,
            () -> CowMerge.into(destination).nonAtomic().merge(stream));
      }
      requireContent(OLD);
      requireNoJournal();
    }

    @Test
    void isDamaged() throws Exception {
      byte[] content = Streams.of(PAGE, NEW, 1, 2, 30);
      content[3 * PAGE + 17] ^= 1;
      assertThrows(
          CorruptCowException.class, () -> CowMerge.into(destination).merge(pipe(content)));
      requireContent(OLD);
      requireNoJournal();
    }

    @Test
    void isOfALargerVolume() throws Exception {
      byte[] content = Streams.of(PAGE, Arrays.copyOf(NEW, NEW.length + 1), 1);
      NoSpaceException e =
          assertThrows(
              NoSpaceException.class,
              () -> CowMerge.into(destination).nonAtomic().merge(pipe(content)));
      assertTrue(e.getMessage().contains("grow it"), e.getMessage());
      requireContent(OLD);
    }

    @Test
    void changesChunksBehindTheEndOfTheDestination() throws Exception {
      byte[] store = new StoreBuilder(PAGE, 2).put(3, (byte) 'x').put(40, (byte) 'y').build();
      assertThrows(NoSpaceException.class, () -> CowMerge.into(destination).merge(pipe(store)));
      requireContent(OLD);
      requireNoJournal();
    }
  }

  @Nested
  class AnInterruptedMerge {

    private Path journal(byte[] content) throws IOException {
      CRC32C crc = new CRC32C();
      crc.update(content, 0, content.length - 512);
      return Files.write(
          directory.resolve(
              String.format(
                  ".image.merge-%d-%08x.cow", content.length - 512, (int) crc.getValue())),
          content);
    }

    @Test
    void isFinished() throws Exception {
      journal(Streams.of(PAGE, NEW, 1, 2, 30));
      Files.write(destination, changed(1));
      assertEquals(3, CowMerge.into(destination).finish().orElseThrow().exceptions());
      requireContent(changed(1, 2, 30));
      requireNoJournal();
      assertEquals(Optional.empty(), CowMerge.into(destination).finish());
    }

    @Test
    void isFoundByWhicheverPathTheDestinationIsGiven() throws Exception {
      journal(Streams.of(PAGE, NEW, 1, 2));
      Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
      Path link = Files.createSymbolicLink(elsewhere.resolve("link"), destination);
      assertTrue(CowMerge.into(link).finish().isPresent());
      requireContent(changed(1, 2));
    }

    @Test
    void isFinishedBeforeTheNextOne() throws Exception {
      journal(Streams.of(PAGE, NEW, 1, 2));
      CowMerge.into(destination).merge(pipe(Streams.of(PAGE, OLD, 2)));
      requireContent(changed(1));
      requireNoJournal();
    }

    @Test
    void thatHadNotArrivedIsForgotten() throws Exception {
      Files.write(directory.resolve(".image.merge.arriving"), new byte[100]);
      assertEquals(Optional.empty(), CowMerge.into(destination).finish());
      requireContent(OLD);
      requireNoJournal();
    }

    @Test
    void whoseJournalWasOverwrittenIsReported() throws Exception {
      Path journal = journal(Streams.of(PAGE, NEW, 1, 2));
      for (byte[] other : List.of(Streams.of(PAGE, NEW, 5, 6), new byte[PAGE])) {
        Files.write(journal, other);
        CorruptCowException e =
            assertThrows(
                CorruptCowException.class,
                () -> CowMerge.into(destination).merge(pipe(Streams.of(PAGE, NEW, 1))));
        assertTrue(e.getMessage().contains("full copy"), e.getMessage());
      }
      requireContent(OLD);
    }

    @Test
    void leavesNothingIfTheThreadWasInterruptedBeforeTheStreamHadArrived() throws Exception {
      PipedOutputStream writer = new PipedOutputStream();
      ReadableByteChannel in = Channels.newChannel(new PipedInputStream(writer, 1 << 16));
      writer.write(Streams.of(PAGE, NEW, 1, 2), 0, 3 * PAGE);
      FutureTask<CowStats> merge = new FutureTask<>(() -> CowMerge.into(destination).merge(in));
      Thread thread = new Thread(merge);
      thread.start();
      thread.interrupt();
      ExecutionException e = assertThrows(ExecutionException.class, merge::get);
      assertEquals(InterruptedException.class, e.getCause().getClass(), e.toString());
      requireContent(OLD);
      requireNoJournal();
    }
  }

  @Test
  void secondMergeAtTheSameTimeIsRefused() throws Exception {
    try (FileChannel other = FileChannel.open(destination, StandardOpenOption.WRITE);
        FileLock lock = other.lock()) {
      assertTrue(lock.isValid());
      assertThrows(
          BusyException.class,
          () -> CowMerge.into(destination).merge(pipe(Streams.of(PAGE, NEW, 1))));
    }
    requireContent(OLD);
  }

  @Test
  void missingDestinationOrStreamIsNamed() {
    Path absent = directory.resolve("absent");
    byte[] content = Streams.of(PAGE, NEW, 1);
    NotFoundException e =
        assertThrows(NotFoundException.class, () -> CowMerge.into(absent).merge(pipe(content)));
    assertTrue(e.getMessage().contains(absent.toString()), e.getMessage());
    assertThrows(NotFoundException.class, () -> CowMerge.into(destination).merge(absent));
  }
}
