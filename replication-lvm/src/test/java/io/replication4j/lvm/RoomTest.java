package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.command.Command;
import io.replication4j.lvm.LvmOptions.Sizing;
import io.replication4j.lvm.ReportParser.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** How large snapshots become, by what the last one holds. */
class RoomTest {

  private static final long GIB = 1L << 30;
  private static final long VOLUME = 100 * GIB;
  private static final long LEAST = 5 * GIB;

  private final List<LogicalVolume> volumes = new ArrayList<>();
  private long free = 1000 * GIB;
  private LvmOptions options = LvmOptions.defaults();

  RoomTest() {
    volumes.add(volume("data", "", VOLUME, OptionalDouble.empty(), false));
  }

  private static LogicalVolume volume(
      String name, String origin, long bytes, OptionalDouble filled, boolean lost, String... tags) {
    return new LogicalVolume(
        new Volume("vg", name),
        "uuid-" + name,
        bytes,
        VOLUME,
        Optional.of(origin).filter(o -> !o.isEmpty()),
        Optional.empty(),
        List.of(tags),
        filled,
        lost,
        false,
        true,
        false,
        "linear");
  }

  /** A snapshot that was taken so many seconds after 1970. */
  private void snapshot(String label, int takenAt, long bytes, double percent) {
    volumes.add(
        volume(
            "data." + label,
            "data",
            bytes,
            OptionalDouble.of(percent),
            percent == 100,
            "r4j.id=" + takenAt + "000000000-x"));
  }

  private Room room() {
    View view = View.of(new Volume("vg", "data"), new Report(Map.of("vg", free), volumes));
    return new Room(view, options);
  }

  private String next() {
    return String.join(" ", room().ofNext());
  }

  private List<String> enlargements() {
    return room().enlargements().stream()
        .map(Command::argv)
        .map(argv -> String.join(" ", argv.subList(4, argv.size())))
        .toList();
  }

  @Test
  void withoutAnythingMeasuredItIsThePercentOfTheVolume() {
    assertEquals("-l 20%ORIGIN", next());
    snapshot("sent", 1, 10 * GIB, 0); // nothing changed: says nothing
    assertEquals("-l 20%ORIGIN", next());
    snapshot("lost", 2, 10 * GIB, 100);
    assertEquals("-l 20%ORIGIN", next());
  }

  @Test
  void itIsFourTimesWhatTheLastOneHolds() {
    snapshot("sent", 1, 10 * GIB, 50);
    assertEquals("-L " + 20 * GIB + "b", next());
  }

  @Test
  void itShrinksByASixteenthAtATimeAndNotBelowAQuarterOfTheReserve() {
    snapshot("sent", 1, 16 * GIB, 1);
    assertEquals("-L " + 15 * GIB + "b", next());
    volumes.remove(1);
    snapshot("sent", 1, GIB, 1);
    assertEquals("-L " + LEAST + "b", next());
  }

  @Test
  void theNewestSnapshotCounts() {
    snapshot("daily", 1, 50 * GIB, 90);
    snapshot("hourly", 2, 4 * GIB, 50);
    assertEquals("-L " + 8 * GIB + "b", next());
  }

  @Test
  void itIsNeverMoreThanASnapshotCanUse() {
    snapshot("sent", 1, 60 * GIB, 80);
    long chunks = VOLUME / 4096;
    long most = (2 + chunks + chunks / 256) * 4096; // a header, and an empty area at the end
    assertEquals("-L " + most + "b", next());
  }

  @Test
  void itIsNotMoreThanIsFreeButNeverTooLittle() {
    snapshot("sent", 1, 10 * GIB, 50);
    free = 7 * GIB;
    assertEquals("-L " + 7 * GIB + "b", next());
    free = GIB; // lvcreate says that there is too little
    assertEquals("-L " + LEAST + "b", next());
  }

  @Test
  void thePercentCanBeChosenInstead() {
    options = LvmOptions.builder().sizing(Sizing.FIXED).reservePercent(30).build();
    snapshot("sent", 1, 10 * GIB, 50);
    assertEquals("-l 30%ORIGIN", next());
  }

  @Test
  void theBaseOfATargetThatIsAwayIsEnlargedBeforeItOverflows() {
    snapshot("away", 1, 10 * GIB, 75);
    snapshot("sent", 2, 10 * GIB, 69);
    assertEquals(List.of("vg/data.away " + 15 * GIB), enlargements());
  }

  @Test
  void itIsEnlargedByWhatTheNextSnapshotLeaves() {
    snapshot("away", 1, 10 * GIB, 80);
    snapshot("sent", 2, 10 * GIB, 50); // the next one gets 20 GiB
    free = 22 * GIB;
    assertEquals(List.of("vg/data.away " + 12 * GIB), enlargements());
    free = 20 * GIB;
    assertEquals(List.of(), enlargements());
  }

  @Test
  void whatHasRoomForEverythingIsLeftAlone() {
    snapshot("away", 1, VOLUME, 95);
    assertEquals(List.of(), enlargements());
  }

  @Test
  void nothingGrowsWhereThatIsNotWanted() {
    options = LvmOptions.builder().growPercent(100).build();
    snapshot("away", 1, 10 * GIB, 99);
    assertEquals(List.of(), enlargements());
  }
}
