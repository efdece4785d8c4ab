package io.replication4j.lvm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.command.Command;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.SourceDevices.Piece;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
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

  /** A table may end before all that was asked for of it has come. */
  @Test
  void whatIsNotReadOfAnAnswerIsNoAnswerToTheNextQuestion() throws Exception {
    byte[] chunks = new byte[3 * 4096];
    Arrays.fill(chunks, (byte) '!');
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    answers.write(chunks);
    answers.write("0 2048 snapshot 16/128 16\n".getBytes(US_ASCII));
    SourceDevices devices =
        new SourceDevices(
            new ByteArrayInputStream(answers.toByteArray()), OutputStream.nullOutputStream());
    CowGeometry geometry = CowGeometry.ofDefaultChunks();
    devices
        .chunks("/dev/x", geometry, List.of(new ChunkRange(0, 3)).iterator(), 1 << 20, () -> {})
        .read(0, ByteBuffer.allocate(4096));
    assertEquals(1, devices.status(new Volume("vg", "x")).areas(geometry.chunkSectors()));
  }
}
