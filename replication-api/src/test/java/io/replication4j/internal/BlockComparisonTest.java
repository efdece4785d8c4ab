package io.replication4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.replication4j.OnDivergence;
import io.replication4j.SyncPolicy;
import io.replication4j.TransferStalledException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.spi.BlockDevice;
import io.replication4j.spi.DigestCommand;
import io.replication4j.spi.Digests;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By dd, sha256sum and split of this machine, on plain files. */
class BlockComparisonTest {

  private static final long BYTES = (40 << 20) + 512;
  private static final Path MEMORY = Path.of("/dev/shm");

  private final StorageBackend backend = mock(StorageBackend.class);
  private final LocalCommandRunner runner = LocalCommandRunner.create();
  private final List<Long> blocks = new ArrayList<>();
  @TempDir private Path directory;

  @BeforeEach
  void mockBackend() {
    when(backend.runner()).thenReturn(runner);
    when(backend.digests(any())).thenAnswer(call -> DigestCommand.of(call.getArgument(0)));
    when(backend.failure(any(), any()))
        .thenAnswer(
            call -> {
              CommandResult result = call.getArgument(1);
              return new CommandFailedException(result.errorTail(), result.exitStatus());
            });
  }

  @AfterEach
  void closeRunner() {
    runner.close();
  }

  private BlockDevice file(String name, long bytes, long... flipped) throws IOException {
    Path path = directory.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(bytes);
      for (long offset : flipped) {
        file.seek(offset);
        file.write(1);
      }
    }
    return new BlockDevice(path.toString(), bytes);
  }

  private static SyncPolicy limits() {
    return SyncPolicy.refusing();
  }

  private void compare(BlockDevice first, BlockDevice second) throws InterruptedException {
    compare(first, second, limits(), bytes -> {});
  }

  private void compare(
      BlockDevice first, BlockDevice second, SyncPolicy limits, LongConsumer progress)
      throws InterruptedException {
    new BlockComparison(backend, first, backend, second, limits, progress)
        .run(
            (offset, length) -> {
              blocks.add(offset);
              assertEquals(Math.min(4096, BYTES - offset), length);
            });
  }

  private static Set<String> temporary() {
    String[] left = MEMORY.toFile().list((d, name) -> name.startsWith("r4j."));
    return left == null ? Set.of() : Set.of(left);
  }

  @Test
  void equalOnesHaveNoDifference() throws Exception {
    AtomicLong heard = new AtomicLong();
    compare(file("a", BYTES, 7), file("b", BYTES, 7), limits(), heard::set);
    assertEquals(List.of(), blocks);
    assertEquals(BYTES, heard.get());
  }

  @Test
  void everyFlippedBitIsFoundInItsBlock() throws Exception {
    Set<String> before = temporary();
    long[] flipped = {0, 4095, 4096, (16 << 20) - 1, 20 << 20, 24 << 20, BYTES - 1};
    compare(file("a", BYTES), file("b", BYTES, flipped));
    List<Long> expected =
        Arrays.stream(flipped).map(at -> at / 4096 * 4096).distinct().boxed().toList();
    assertEquals(expected, blocks);
    assertTrue(before.containsAll(temporary()), () -> before + ", then " + temporary());
  }

  @Test
  void whatAKilledOneLeftInMemoryGoesWithTheNext() throws Exception {
    assumeTrue(Files.isWritable(MEMORY));
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Path left = Files.createTempDirectory(MEMORY, "r4j." + ended.pid() + ".");
    Path used = Files.createTempDirectory(MEMORY, "r4j." + ProcessHandle.current().pid() + ".");
    try {
      Files.writeString(left.resolve("xaaaa"), "a block");
      compare(file("a", 4096), file("b", 4096));
      assertFalse(Files.exists(left));
      assertTrue(Files.exists(used), "of one that is at work");
    } finally {
      Files.deleteIfExists(left.resolve("xaaaa"));
      Files.deleteIfExists(left);
      Files.deleteIfExists(used);
    }
  }

  @Test
  void theyAreComparedAsFarAsTheSmallerOneReaches() throws Exception {
    compare(file("a", 8192, 8191), file("b", BYTES, 20_000));
    assertEquals(List.of(4096L), blocks);
  }

  @Test
  void digestsOfRangesComeInTheOrderOfTheQuestions() throws Exception {
    BlockDevice file = file("a", 10_000, 4096);
    List<String> answers = new ArrayList<>();
    try (Digests digests = Digests.of(backend, file.path())) {
      for (long at = 0; at < file.bytes(); at += 4096) {
        digests.askRange(at, Math.min(4096, file.bytes() - at));
      }
      for (long at = 0; at < file.bytes(); at += 4096) {
        answers.add(digests.answer());
      }
      digests.end();
    }
    byte[] flipped = new byte[4096];
    flipped[0] = 1;
    assertEquals(List.of(sha256(new byte[4096]), sha256(flipped), sha256(new byte[1808])), answers);
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void theRateIsLimited() throws Exception {
    SyncPolicy slow = SyncPolicy.builder(OnDivergence.REFUSE).bytesPerSecond(16 << 10).build();
    long start = System.nanoTime();
    compare(file("a", 40 << 10), file("b", 40 << 10), slow, bytes -> {});
    assertTrue(System.nanoTime() - start > Duration.ofMillis(1900).toNanos());
  }

  @Test
  void whatCannotBeReadIsAFailureOfItsHost() throws Exception {
    BlockDevice gone = new BlockDevice(directory.resolve("gone").toString(), BYTES);
    CommandFailedException e =
        assertThrows(CommandFailedException.class, () -> compare(file("a", BYTES), gone));
    assertTrue(String.valueOf(e.getMessage()).contains("gone"), e::getMessage);
    assertEquals(List.of(), blocks);
  }

  @Test
  void aDeviceThatGivesNothingIsAStall() throws Exception {
    SyncPolicy impatient =
        SyncPolicy.builder(OnDivergence.REFUSE).stallTimeout(Duration.ofMillis(700)).build();
    BlockDevice fifo = fifo();
    assertThrows(
        TransferStalledException.class,
        () -> compare(file("a", BYTES), fifo, impatient, bytes -> {}));
  }

  @Test
  void anInterruptedCallerEndsBothCommands() throws Exception {
    BlockDevice fifo = fifo();
    Thread caller = Thread.currentThread();
    LongConsumer interrupt = bytes -> caller.interrupt();
    assertThrows(
        InterruptedException.class, () -> compare(file("a", BYTES), fifo, limits(), interrupt));
  }

  /** Nobody ever writes to it. */
  private BlockDevice fifo() throws InterruptedException {
    Path fifo = directory.resolve("fifo");
    assertEquals(0, runner.run(Command.of("mkfifo", fifo.toString())).exitStatus());
    return new BlockDevice(fifo.toString(), BYTES);
  }
}
