package io.replication4j.lvm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.SourceDevices.Piece;
import io.replication4j.lvm.cow.ByteSource;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the source's host is asked; the script's own search for what is not zero, with the shell and
 * the tools of this machine.
 */
class SourceDevicesTest {

  private static final long MIB = 1 << 20;

  private final LocalCommandRunner runner = LocalCommandRunner.create();
  @TempDir private Path directory;

  @AfterEach
  void closeRunner() {
    runner.close();
  }

  private List<Piece> occupied(Command command, long bytes, long from, long most, long... written)
      throws Exception {
    Path file = directory.resolve("volume");
    try (RandomAccessFile volume = new RandomAccessFile(file.toFile(), "rw")) {
      volume.setLength(bytes);
      for (long offset : written) {
        volume.seek(offset);
        volume.write(1);
      }
    }
    try (RunningCommand host = runner.start(command)) {
      return new SourceDevices(host.stdout(), host.stdin())
          .occupied(file.toString(), from, bytes, most);
    }
  }

  private List<Piece> occupied(long bytes, long from, long most, long... written) throws Exception {
    return occupied(
        LvmCommands.send(new Volume("vg", "nothing"), List.of()), bytes, from, most, written);
  }

  private static Piece end(long at) {
    return new Piece(at, 0);
  }

  @Test
  void zeroesAreNoPiece() throws Exception {
    assertEquals(List.of(end(300 * MIB)), occupied(300 * MIB, 0, 64 * MIB));
    assertEquals(List.of(end(0)), occupied(0, 0, 64 * MIB));
  }

  @Test
  void aPieceBeginsWithTheMebibyteOfTheFirstOtherByte() throws Exception {
    assertEquals(
        List.of(new Piece(0, 4 * MIB), new Piece(99 * MIB, 4 * MIB), end(300 * MIB)),
        occupied(300 * MIB, 0, 64 * MIB, 0, 100 * MIB - 1));
  }

  @Test
  void theLastPieceEndsWithTheDevice() throws Exception {
    assertEquals(
        List.of(new Piece(8 * MIB, 512), end(8 * MIB + 512)),
        occupied(8 * MIB + 512, 0, 64 * MIB, 8 * MIB + 511));
  }

  @Test
  void piecesGrowWhereTheyFollowEachOtherUpToWhatWasAskedFor() throws Exception {
    long[] everywhere = {0, 4 * MIB, 12 * MIB, 28 * MIB, 44 * MIB};
    assertEquals(
        List.of(
            new Piece(0, 4 * MIB),
            new Piece(4 * MIB, 8 * MIB),
            new Piece(12 * MIB, 16 * MIB),
            new Piece(28 * MIB, 4 * MIB),
            end(32 * MIB)),
        occupied(64 * MIB, 0, 32 * MIB, everywhere));
    assertEquals(
        List.of(new Piece(44 * MIB, 4 * MIB), end(64 * MIB)),
        occupied(64 * MIB, 32 * MIB, 32 * MIB, everywhere));
  }

  @Test
  void whereNothingCanCompareEverythingIsData() throws Exception {
    String shadowed = "cmp() { return 127; }\n" + LvmCommands.SEND_SCRIPT;
    assertEquals(
        List.of(new Piece(0, 4 * MIB), new Piece(4 * MIB, 4 * MIB), end(8 * MIB)),
        occupied(Command.of("sh", "-c", shadowed, "sh", "r4j:vg-nothing"), 8 * MIB, 0, 64 * MIB));
  }

  private static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();

  private static SourceDevices answering(String... answers) {
    return new SourceDevices(
        new ByteArrayInputStream(String.join("", answers).getBytes(US_ASCII)),
        OutputStream.nullOutputStream());
  }

  private static ByteSource chunks(SourceDevices devices, long first, long count) {
    return devices.chunks(
        "/dev/x",
        GEOMETRY,
        List.of(new ChunkRange(first, count)).iterator(),
        Long.MAX_VALUE,
        () -> {});
  }

  private static String data(String letter, int chunks) {
    int bytes = chunks * GEOMETRY.chunkBytes();
    return "data " + bytes + "\n" + letter.repeat(bytes);
  }

  private static String read(ByteSource source) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(GEOMETRY.chunkBytes());
    source.read(0, chunk);
    return new String(chunk.array(), US_ASCII).substring(0, 1);
  }

  /** A table may end before all that was asked for of it has come. */
  @Test
  void whatIsNotReadOfAnAnswerIsNoAnswerToTheNextQuestion() throws Exception {
    SourceDevices devices =
        answering(data("!", 3), "0 2048 snapshot 16/128 16\n", data("a", 2), data("b", 1));
    read(chunks(devices, 0, 3));
    assertEquals(1, devices.status(new Volume("vg", "x")).areas(GEOMETRY.chunkSectors()));
    assertEquals("a", read(chunks(devices, 0, 2)));
    assertEquals("b", read(chunks(devices, 0, 1)));
  }

  @Test
  void whatIsReadIsNotMixedUp() throws Exception {
    SourceDevices devices = answering(data("a", 2), data("b", 2), data("c", 2));
    ByteSource source = chunks(devices, 0, 2);
    read(source);
    read(chunks(devices, 0, 2));
    assertThrows(IllegalStateException.class, () -> read(source));
  }

  /** Else all that follows would be taken for what lies before or behind it. */
  @Test
  void whatIsNoAnswerIsNotTakenForData() {
    SourceDevices devices = answering("a".repeat(3 * GEOMETRY.chunkBytes()));
    assertThrows(UnexpectedOutputException.class, () -> read(chunks(devices, 0, 1)));
    SourceDevices shorter = answering(data("a", 1));
    assertThrows(UnexpectedOutputException.class, () -> read(chunks(shorter, 0, 2)));
  }
}
