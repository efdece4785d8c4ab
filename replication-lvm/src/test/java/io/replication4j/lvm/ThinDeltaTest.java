package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.UnexpectedOutputException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What thin_delta and thin_dump say of two volumes, or of one. */
class ThinDeltaTest {

  private static String captured(String name) throws IOException {
    try (InputStream in = ThinDeltaTest.class.getResourceAsStream("/thin/0.9.0/" + name)) {
      if (in == null) {
        throw new IOException("not captured: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** In blocks of 64 KiB. */
  private static List<String> ranges(String xml) throws IOException {
    List<String> ranges = new ArrayList<>();
    ThinDelta.parse(stream(xml), (from, to) -> ranges.add(from / 65536 + "-" + to / 65536));
    return ranges;
  }

  @Test
  void whatOnlyOneOfThemHasIsADifferenceToo() throws IOException {
    assertEquals(List.of("0-1", "4-6", "60-63"), ranges(captured("thin_delta.xml")));
  }

  @Test
  void whatBothShareIsNone() throws IOException {
    assertEquals(List.of(), ranges(captured("thin_delta-verbose.xml")));
  }

  @Test
  void aDumpSaysWhatAVolumeHas() throws IOException {
    assertEquals(
        List.of("0-1", "1-2", "6-10", "50-53", "60-63"), ranges(captured("thin_dump.xml")));
  }

  @Test
  void attributesMayComeAndGo() throws IOException {
    assertEquals(
        List.of("2-3"),
        ranges(
            "<superblock data_block_size='128' new='1'><diff left='1' right='2' x='y'>"
                + "<different length='1' begin='2' more='3'/></diff></superblock>"));
  }

  @Test
  void whatDoesNotEndIsNotBelieved() throws IOException {
    String xml = captured("thin_delta.xml");
    for (int length = 0; length < xml.strip().length(); length++) {
      String cut = xml.substring(0, length);
      assertThrows(UnexpectedOutputException.class, () -> ranges(cut), cut);
    }
  }

  @Test
  void aRangeWithoutItsLengthIsRefused() {
    assertThrows(
        UnexpectedOutputException.class,
        () -> ranges("<superblock data_block_size='128'><different begin='2'/></superblock>"));
  }

  @Test
  void anAnswerEndsWithItsStatusAndLeavesWhatFollows() throws IOException {
    InputStream in = stream("one\ntwo\nend 0\nthree");
    assertEquals(
        "one\ntwo\n", new String(new ThinDelta.Answer(in).readAllBytes(), StandardCharsets.UTF_8));
    assertEquals("three", new String(in.readAllBytes(), StandardCharsets.UTF_8));
  }

  @Test
  void anAnswerThatFailedOrIsCutIsNoAnswer() {
    for (String text : List.of("one\nend 1\n", "one\n", "one\nend 0", "")) {
      assertThrows(
          EOFException.class, () -> new ThinDelta.Answer(stream(text)).readAllBytes(), text);
    }
  }
}
