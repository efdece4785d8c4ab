package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.UnexpectedOutputException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubvolumeListParserTest {

  private static final long TOP = SubvolumeListParser.TOP;

  private static final String ROW =
      "ID 300 gen 9 cgen 7 parent 5 top level 5 parent_uuid -                                    "
          + "received_uuid -                                    uuid 415c1bb3-0d83-0948-ba74-3955a541e40d path data\n";

  @Test
  void readsEveryColumn() {
    Subvolume copy =
        SubvolumeListParser.parse(Captured.text("list-target.txt"), TOP).stream()
            .filter(row -> row.path().equals("x/y/copy"))
            .findFirst()
            .orElseThrow();
    assertEquals(5, copy.parent());
    assertTrue(copy.generation() >= copy.createdIn());
    assertTrue(copy.parentUuid().isPresent());
    assertEquals(Optional.empty(), copy.receivedUuid());
    assertEquals(copy.uuid(), copy.identity());
  }

  @Test
  void identityOfWhatWasReceivedIsThatOfItsOrigin() {
    List<Subvolume> source = SubvolumeListParser.parse(Captured.text("list-source.txt"), TOP);
    List<Subvolume> target = SubvolumeListParser.parse(Captured.text("list-target.txt"), TOP);
    Subvolume sent = at(source, ".replication4j/data/sent-p1/@");
    Subvolume received = at(target, "x/y/.replication4j/copy/sent-p1/@");
    assertEquals(sent.uuid(), received.identity());
    assertFalse(received.uuid().equals(received.identity()));
  }

  @Test
  void anEmptyListingIsAFilesystemWithoutSubvolumes() {
    assertEquals(List.of(), SubvolumeListParser.parse("", TOP));
  }

  @Test
  void pathsAreFromTheTopWhereverItWasListedFrom() {
    List<Subvolume> fromTop = SubvolumeListParser.parse(Captured.text("list-source.txt"), TOP);
    long data = at(fromTop, "data").id();
    assertEquals(fromTop, SubvolumeListParser.parse(Captured.text("list-from-data.txt"), data));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage\n",
        "ID 300\n",
        "\n",
        "ID 300 gen 9 cgen 7 parent 5 top level 5 parent_uuid - received_uuid - uuid - path data\n",
        "ID -1 gen 9 cgen 7 parent 5 top level 5 parent_uuid - received_uuid - uuid 415c1bb3-0d83-0948-ba74-3955a541e40d path data\n",
        "ID 99999999999999999999 gen 9 cgen 7 parent 5 top level 5 parent_uuid - received_uuid - uuid 415c1bb3-0d83-0948-ba74-3955a541e40d path d\n",
        "WARNING: something\n"
      })
  void aRowThatItCannotReadIsAnError(String row) {
    assertThrows(UnexpectedOutputException.class, () -> SubvolumeListParser.parse(ROW + row, TOP));
  }

  @Test
  void aListingThatWasCutIsAnError() {
    String listing = Captured.text("list-target.txt");
    for (int length : List.of(listing.length() - 1, listing.length() / 2, 10)) {
      assertThrows(
          UnexpectedOutputException.class,
          () -> SubvolumeListParser.parse(listing.substring(0, length), TOP));
    }
  }

  @Test
  void aNameWithALineBreakIsAnError() {
    assertThrows(
        UnexpectedOutputException.class,
        () -> SubvolumeListParser.parse(Captured.text("list-line-break.txt"), TOP));
  }

  @Test
  void twoRowsWithOneIdOrUuidOrPathAreAnError() {
    String otherUuid = ROW.replace("415c1bb3", "aaaaaaaa");
    String otherId = ROW.replace("ID 300", "ID 301");
    String otherPath = ROW.replace("path data", "path else");
    for (String second :
        List.of(
            ROW,
            otherUuid.replace("path data", "path else"),
            otherId.replace("path data", "path else"),
            otherUuid.replace("ID 300", "ID 301"),
            otherPath)) {
      assertThrows(
          UnexpectedOutputException.class,
          () -> SubvolumeListParser.parse(ROW + second, TOP),
          second);
    }
  }

  @Test
  void aForgedRowIsReadAndThenDoesNotAgreeWithTheDirectory() {
    List<Subvolume> rows = SubvolumeListParser.parse(Captured.text("list-forged.txt"), TOP);
    assertEquals(".replication4j/data/sent/@", rows.get(2).path());
    SnapshotDirectory directory =
        SnapshotDirectory.parse(
            "d 257 /mnt/.replication4j\0data\0d 258 /mnt/.replication4j\0data/sent\0");
    assertEquals(
        java.util.Set.of("/mnt/.replication4j/data/sent/@"),
        directory.differences("/mnt/.replication4j/data", List.of("/mnt/" + rows.get(2).path())));
  }

  @Test
  void timesAreUtcByUuid() {
    Map<String, Instant> times = SubvolumeListParser.parseTimes(Captured.text("list-times.txt"));
    String sent =
        at(
                SubvolumeListParser.parse(Captured.text("list-source.txt"), TOP),
                ".replication4j/data/sent-p1/@")
            .uuid();
    assertTrue(times.get(sent).toString().startsWith("2026-11-20T13:"), times::toString);
    assertThrows(UnexpectedOutputException.class, () -> SubvolumeListParser.parseTimes(ROW));
  }

  private static Subvolume at(List<Subvolume> rows, String path) {
    return rows.stream().filter(row -> row.path().equals(path)).findFirst().orElseThrow();
  }
}
