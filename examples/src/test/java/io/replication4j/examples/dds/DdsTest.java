package io.replication4j.examples.dds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.examples.Launcher;
import io.replication4j.examples.Launcher.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command does, says and exits with, on plain files. */
class DdsTest {

  private static final int PAGE = 4096;
  private static final int PER_AREA = PAGE / 16;
  private static final int EXCEPTIONS = 2728; // the run that the original's documentation shows
  private static final int VOLUME_BYTES = 2 * EXCEPTIONS * PAGE;

  @TempDir Path directory;
  private final byte[] before = random(1);
  private final byte[] after = before.clone();
  private String cow = "";
  private String source = "";
  private String destination = "";
  private String stream = "";

  private static byte[] random(long seed) {
    byte[] content = new byte[VOLUME_BYTES];
    new Random(seed).nextBytes(content);
    return content;
  }

  @BeforeEach
  void changeEverySecondChunk() throws IOException {
    byte[] other = random(2);
    for (int i = 0; i < EXCEPTIONS; i++) {
      System.arraycopy(other, 2 * i * PAGE, after, 2 * i * PAGE, PAGE);
    }
    cow = Files.write(directory.resolve("cow"), store()).toString();
    source = Files.write(directory.resolve("source"), after).toString();
    destination = Files.write(directory.resolve("destination"), before).toString();
    stream = directory.resolve("stream").toString();
  }

  /** As a kernel wrote it when every second chunk was overwritten. */
  private byte[] store() {
    int areas = EXCEPTIONS / PER_AREA + 1;
    ByteBuffer store =
        ByteBuffer.allocate((1 + areas + EXCEPTIONS) * PAGE).order(ByteOrder.LITTLE_ENDIAN);
    store.putInt(0x70416e53).putInt(1).putInt(1).putInt(PAGE / 512);
    for (int i = 0; i < EXCEPTIONS; i++) {
      int area = 1 + i / PER_AREA * (PER_AREA + 1);
      int data = area + 1 + i % PER_AREA;
      store.putLong(area * PAGE + i % PER_AREA * 16, 2 * i);
      store.putLong(area * PAGE + i % PER_AREA * 16 + 8, data);
      store.put(data * PAGE, before, 2 * i * PAGE, PAGE);
    }
    return store.array();
  }

  private static Result dds(String... arguments) throws IOException, InterruptedException {
    return Launcher.run("dds.Dds", arguments);
  }

  private static Result succeeding(String... arguments) throws IOException, InterruptedException {
    Result result = dds(arguments);
    assertEquals(0, result.exitStatus(), result::errors);
    return result;
  }

  @Test
  void extractsAndMergesAndReportsWhatTheOriginalDoes() throws Exception {
    Result extract =
        succeeding("--extract", "--cow", cow, "--source", source, "--output", stream, "-v");
    Result merge = succeeding("--merge", "--dest", destination, "--input", stream, "-v");
    assertArrayEquals(after, Files.readAllBytes(Path.of(destination)));
    assertEquals(
        List.of(
            "magic:            0x70416e53",
            "version:          1",
            "valid:            yes",
            "chunk size:       4 KB",
            "exception chunks: 11",
            "exceptions:       2728",
            "metadata:         48 KB",
            "data:             10912 KB",
            "total:            10960 KB"),
        merge.errors().lines().limit(9).toList());
    assertEquals(extract.errors(), merge.errors());
    assertTrue(merge.errors().endsWith("verified:         yes\n"), merge::errors);
  }

  @Test
  void namesTheVersionsThatAStreamLeadsFromAndTo() throws Exception {
    Result extract =
        succeeding(
            "--extract",
            "--cow",
            cow,
            "--source",
            source,
            "--output",
            stream,
            "--base-id",
            "monday",
            "--target-id",
            "tuesday",
            "-v");
    assertTrue(extract.errors().contains("base:             monday\n"), extract::errors);
    assertTrue(extract.errors().contains("target:           tuesday\n"), extract::errors);
  }

  /** A kernel's own store leads back to the content of its snapshot. */
  @Test
  void mergesAnotherProgramsStreamAndSaysThatItIsNotVerified() throws Exception {
    Result merge = succeeding("--merge", "--dest", source, "--input", cow);
    assertArrayEquals(before, Files.readAllBytes(Path.of(source)));
    assertTrue(merge.errors().contains("not verified"), merge::errors);
  }

  @Test
  void verifiesByRanges() throws Exception {
    assertEquals(0, dds("--verify", "--source", source, "--dest", source).exitStatus());
    Files.write(Path.of(destination), after);
    byte[] damaged = after.clone();
    damaged[9 * PAGE + 1] ^= 1;
    Files.write(Path.of(destination), damaged);
    Result result = dds("--verify", "--source", source, "--dest", destination);
    assertEquals(3, result.exitStatus(), result::errors);
    assertEquals("differ: 4096 bytes from 36864 on\n1 blocks of 4 KB differ\n", result.output());
  }

  @Test
  void finishesWhatWasInterruptedOrSaysThatNothingWas() throws Exception {
    Result result = succeeding("--recover", "--dest", destination);
    assertTrue(result.errors().contains("no merge was interrupted"), result::errors);
  }

  @Test
  void leavesTheDestinationAloneIfTheStreamIsDamaged() throws Exception {
    succeeding("--extract", "--cow", cow, "--source", source, "--output", stream);
    byte[] damaged = Files.readAllBytes(Path.of(stream));
    damaged[5 * PAGE] ^= 1;
    Files.write(Path.of(stream), damaged);
    Result result = dds("--merge", "--dest", destination, "--input", stream);
    assertEquals(1, result.exitStatus());
    assertTrue(result.errors().startsWith("dds: " + stream + ": damaged"), result::errors);
    assertEquals(1, result.errors().lines().count(), result::errors);
    assertArrayEquals(before, Files.readAllBytes(Path.of(destination)));
  }

  @Test
  void leavesNoFileIfItCannotExtract() throws Exception {
    Result result = dds("--extract", "--cow", source, "--source", source, "--output", stream);
    assertEquals(1, result.exitStatus());
    assertTrue(result.errors().contains(source + ": not a copy-on-write store"), result::errors);
    assertFalse(Files.exists(Path.of(stream)));
    assertFalse(Files.exists(Path.of(stream + ".incomplete")));
  }

  @Test
  void cleansUpWhenItIsEndedWhileTheStreamArrives() throws Exception {
    succeeding("--extract", "--cow", cow, "--source", source, "--output", stream);
    Process merge =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Dds.class.getName(),
                "--merge",
                "--dest",
                destination)
            .start();
    try (OutputStream in = merge.getOutputStream()) {
      in.write(Files.readAllBytes(Path.of(stream)), 0, 5 << 20);
      in.flush();
      merge.toHandle().destroy(); // Process.destroy would end the stream, too
      assertTrue(merge.waitFor(60, TimeUnit.SECONDS), "it does not end");
      assertEquals(143, merge.exitValue(), "the shell's status for SIGTERM");
    } catch (IOException e) {
      // closing the pipe of a dead process
    }
    assertArrayEquals(before, Files.readAllBytes(Path.of(destination)));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(4, files.count(), "cow, source, destination, stream");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--merge",
        "--merge --extract --dest /x",
        "--extract --cow /x",
        "--verify --dest /x",
        "--recover",
        "--merge --dest /x --journal /y --non-atomic",
        "--extract --cow /x --source /y --output /z --base-id -",
        "--nonsense"
      })
  void exits2WithOneLineWhenItIsMisused(String arguments) throws Exception {
    Result result = dds(arguments.isEmpty() ? new String[0] : arguments.split(" "));
    assertEquals(2, result.exitStatus(), result::errors);
    assertEquals("", result.output());
    assertTrue(result.errors().startsWith("dds: "), result::errors);
  }
}
