package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How scattered pieces are said to the receiving script. */
class PatchWriterTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PatchWriter writer = new PatchWriter(out, "/dev/mapper/vg-copy");

  private void write(long position, int length, char filled) throws IOException {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) filled);
    writer.write(position, ByteBuffer.wrap(bytes));
  }

  /** Its lines, without the data. */
  private List<String> said() throws IOException {
    writer.finish();
    return out.toString(StandardCharsets.US_ASCII).replaceAll("[x\0]{512,}", "").lines().toList();
  }

  @Test
  void nothingIsNothing() throws IOException {
    assertEquals(List.of(), said());
  }

  @Test
  void neighboursAreOnePiece() throws IOException {
    write(4096, 4096, 'x');
    write(8192, 4096, 'x');
    assertEquals(List.of("data 4096 8192"), said());
  }

  @Test
  void scatteredPiecesAreLinedUp() throws IOException {
    write(4096, 4096, 'x');
    write(1 << 20, 512, 'x');
    assertEquals(
        List.of(
            "scatter 102 4608 2",
            "0 2048 zero",
            "2048 8 linear /dev/mapper/vg-copy 8",
            "2056 1 linear /dev/mapper/vg-copy 2048",
            "2057 2048 zero"),
        said());
  }

  @Test
  void longRunsOfZeroesAreSaid() throws IOException {
    write(0, 4096, 'x');
    write(4096, 2 << 20, '\0');
    assertEquals(List.of("data 0 4096", "zero 4096 2097152"), said());
  }

  @Test
  void shortRunsOfZeroesAreData() throws IOException {
    write(0, 4096, 'x');
    write(4096, 65536, '\0');
    assertEquals(List.of("data 0 69632"), said());
  }

  @Test
  void noWriteIsLongerThanFourMebibytesOrHasMoreThan256Pieces() throws IOException {
    for (int i = 0; i < 300; i++) {
      write(i * 8192L, 4096, 'x');
    }
    write(1 << 30, 5 << 20, 'x');
    assertEquals(
        List.of("scatter 9940 1048576 256", "scatter 1789 4177920 45", "data 1077739520 1245184"),
        said().stream().filter(line -> !line.matches("[0-9].*")).toList());
  }
}
