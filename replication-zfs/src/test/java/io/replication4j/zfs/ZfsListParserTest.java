package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.zfs.ZfsListParser.Listing;
import io.replication4j.zfs.ZfsListParser.Property;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZfsListParserTest {

  private static final String DATASET =
      "tank/a b\tfilesystem\t18446744073709551615\t7\t1795179636\t94000000\t0\t-";

  private final ZfsListParser parser = new ZfsListParser("zfs list on here");

  @Test
  void readsWhatZfsFusePrints() {
    Listing listing = parser.listing(Captured.text("0.7.0/listing.txt"), false);
    assertEquals(
        List.of(
            "tank/data",
            "tank/data@s1",
            "tank/data@s2",
            "tank/data/a b",
            "tank/data/a b@s1",
            "tank/data/a b@s2"),
        listing.rows().stream()
            .map(row -> row.dataset() + (row.label().isEmpty() ? "" : "@" + row.label()))
            .toList());
    assertEquals(Optional.of(0L), listing.rows().get(0).written());
    assertTrue(listing.rows().get(3).written().orElseThrow() > 0);
    assertEquals(
        new Property("{\"n\":1}", "local"),
        listing.properties().get("tank/data").get("io.replication4j:state.p"));
    assertEquals(
        "inherited from tank/data",
        listing.properties().get("tank/data/a b").get("io.replication4j:state.p").source());
  }

  @Test
  void readsWhatOpenZfs23Prints() {
    Listing listing = parser.listing(Captured.text("2.3/listing.txt"), true);
    assertTrue(listing.rows().stream().anyMatch(row -> row.kind() == ZfsRow.Kind.VOLUME));
    assertTrue(
        listing.rows().stream()
            .anyMatch(row -> row.kind() == ZfsRow.Kind.BOOKMARK && row.label().equals("m")));
    assertEquals(
        new Property("{\"n\":1}", "received"),
        listing.properties().get("backup/d/x/copy").get("io.replication4j:state.p"));
    assertEquals(
        new Property("-", "-"), listing.properties().get("tank").get("io.replication4j:state.p"));
  }

  @Test
  void readsSnapshotsAndBookmarksWithTheirDatasets() {
    Listing listing =
        parser.listing(
            DATASET
                + "\ntank/a b@s 1\tsnapshot\t5\t8\t1\t-\t4096\t-\ntank/a b#m\tbookmark\t5\t8\t1\t-\t-\t-\n",
            true);
    assertEquals("s 1", listing.rows().get(1).label());
    assertEquals(ZfsRow.Kind.BOOKMARK, listing.rows().get(2).kind());
    assertEquals("18446744073709551615", listing.rows().get(0).guid());
    assertEquals(Optional.empty(), listing.rows().get(2).written());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "tank\tfilesystem\t1\t2\t3\t4\t5",
        "tank\tfilesystem\tx\t2\t3\t4\t5\t-",
        "tank\tplanet\t1\t2\t3\t4\t5\t-",
        "tank\tsnapshot\t1\t2\t3\t4\t5\t-",
        "@s\tsnapshot\t1\t2\t3\t4\t5\t-",
        "tank@\tsnapshot\t1\t2\t3\t4\t5\t-",
        "tank\tfilesystem\t-1\t2\t3\t4\t5\t-",
        "tank\tfilesystem\t1\t2\t1.5K\t4\t5\t-",
        "tank\tfilesystem\t-\t-\t-\t-\t-\t-"
      })
  void refusesAllIfOneRowCannotBeRead(String row) {
    assertThrows(
        UnexpectedOutputException.class, () -> parser.listing(DATASET + "\n" + row + "\n", true));
  }

  @Test
  void refusesAnOldListingThatLacksAProperty() {
    String whole =
        "tank\ttype\tfilesystem\ntank\tguid\t1\ntank\tcreatetxg\t2\ntank\tcreation\t3\ntank\tavailable\t4\n";
    assertEquals(1, parser.listing(whole + "tank\tunique\t0\n", false).rows().size());
    assertThrows(UnexpectedOutputException.class, () -> parser.listing(whole, false));
    assertThrows(
        UnexpectedOutputException.class, () -> parser.listing(whole + "tank\tother\t0\n", false));
  }
}
