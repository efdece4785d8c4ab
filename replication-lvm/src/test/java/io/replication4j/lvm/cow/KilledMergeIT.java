package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of a merge in a JVM of its own, at any moment. */
class KilledMergeIT {

  private static final int PAGE = 4096;
  private static final int CHUNKS = 16 << 10; // 64 MiB
  private static final int ROUNDS = 8;
  private static final byte[] OLD = StoreBuilder.random(1, CHUNKS * PAGE);
  private static final byte[] NEW = StoreBuilder.random(2, CHUNKS * PAGE);

  @TempDir Path directory;
  private Path destination;
  private byte[] stream = {};
  private byte[] merged = {};

  /** The program that is killed: merges standard input into a file. */
  static final class Merge {

    private Merge() {}

    public static void main(String[] args) throws InterruptedException {
      CowMerge.into(Path.of(args[0])).merge(Channels.newChannel(System.in));
    }
  }

  @BeforeEach
  void makeStream() {
    destination = directory.resolve("image");
    ChunkSet.Builder every = ChunkSet.builder();
    merged = OLD.clone();
    for (int chunk = 0; chunk < CHUNKS; chunk += 2) {
      every.add(chunk);
      System.arraycopy(NEW, chunk * PAGE, merged, chunk * PAGE, PAGE);
    }
    stream = Streams.of(PAGE, NEW, every.build());
  }

  private Process start() throws IOException {
    Files.write(destination, OLD);
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-cp",
            System.getProperty("java.class.path"),
            Merge.class.getName(),
            destination.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private Optional<Path> journal(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).findFirst();
    }
  }

  private void requireNothingLeft() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(destination), files.toList());
    }
  }

  @Test
  void whileTheStreamArrivesLeavesTheOldContent() throws Exception {
    Process merge = start();
    try (OutputStream in = merge.getOutputStream()) {
      in.write(stream, 0, stream.length - 1); // a pipe holds some of it, the journal the rest
      in.flush();
      assertTrue(journal(".arriving").isPresent());
      merge.destroyForcibly().waitFor();
    } catch (IOException e) {
      // closing the pipe of a dead process
    }
    assertEquals(Optional.empty(), CowMerge.into(destination).finish());
    assertArrayEquals(OLD, Files.readAllBytes(destination));
    requireNothingLeft();
  }

  @Test
  void whileItWritesIsFinishedByTheNextOne() throws Exception {
    int interrupted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Process merge = start();
      try (OutputStream in = merge.getOutputStream()) {
        in.write(stream);
      }
      while (merge.isAlive() && journal(".cow").isEmpty()) {
        Thread.onSpinWait();
      }
      Thread.sleep(0, new Random(round).nextInt(999_999)); // somewhere in its few milliseconds
      merge.destroyForcibly().waitFor();
      interrupted += journal(".cow").isPresent() ? 1 : 0;
      CowMerge.into(destination).finish();
      assertArrayEquals(merged, Files.readAllBytes(destination), "round " + round);
      requireNothingLeft();
    }
    assertTrue(interrupted > 0, "never killed in time");
  }
}
