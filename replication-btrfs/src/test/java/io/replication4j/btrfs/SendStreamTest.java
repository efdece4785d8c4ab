package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.UnexpectedOutputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SendStreamTest {

  @Test
  void nothingChangedIsNoChangeInEitherDirection() throws IOException {
    assertTrue(read("unchanged.stream").change().isEmpty());
    assertEquals(read("unchanged.stream"), read("unchanged-back.stream"));
  }

  @Test
  void accessTimesAreNoChange() throws IOException {
    SendStream.Summary forth = read("atime.stream");
    assertNotEquals(read("unchanged.stream"), forth);
    assertTrue(forth.change().isEmpty());
    assertEquals(forth.times(), read("atime-back.stream").times());
  }

  @Test
  void modificationTimesDifferBetweenBothDirections() throws IOException {
    assertTrue(read("mtime.stream").change().isEmpty());
    assertNotEquals(read("mtime.stream").times(), read("mtime-back.stream").times());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "mode, 'f' mode changed",
        "content, 'g' written",
        "deletion, 'g' deleted",
        "xattr, 'f' extended attribute set",
        "rename, 'h' linked",
        "created, 'new dir/new file' created"
      })
  void whateverElseIsNamed(String stream, String change) throws IOException {
    assertEquals(change, read(stream + ".stream").change().orElseThrow());
  }

  @Test
  void aNestedSubvolumeShowsInTheTimesOfItsDirectory() throws IOException {
    assertTrue(read("nested.stream").change().isEmpty());
    assertNotEquals(read("unchanged.stream"), read("nested.stream"));
    assertNotEquals(read("unchanged.stream"), read("nested-gone.stream"));
  }

  @Test
  void bothVersionsOfTheFormatAreRead() throws IOException {
    assertTrue(read("full.stream").change().isPresent());
    assertTrue(read("full-v2.stream").change().isPresent());
  }

  @Test
  void aStreamThatEndsEarlyIsRefusedWhereverItEnds() {
    byte[] whole = Captured.bytes("atime.stream");
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThrows(UnexpectedOutputException.class, () -> read(part), () -> "after " + part.length);
    }
  }

  @Test
  void everyDamagedByteIsNoticed() {
    byte[] whole = Captured.bytes("atime.stream");
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 0x40;
      assertThrows(UnexpectedOutputException.class, () -> read(damaged), "at " + i);
    }
  }

  @Test
  void garbageIsRefusedWithoutMuchMemory() {
    byte[] garbage = new byte[100_000];
    new Random(1).nextBytes(garbage);
    assertThrows(UnexpectedOutputException.class, () -> read(garbage));
    byte[] header = Arrays.copyOf(Captured.bytes("atime.stream"), 100_000);
    Arrays.fill(header, 17, header.length, (byte) 0xFF);
    assertThrows(UnexpectedOutputException.class, () -> read(header));
  }

  private static SendStream.Summary read(String name) throws IOException {
    return read(Captured.bytes(name));
  }

  private static SendStream.Summary read(byte[] bytes) throws IOException {
    return SendStream.read(new ByteArrayInputStream(bytes), "a test");
  }
}
