package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.NoSpaceException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Snapshots that fill while they are read. */
class FillWatchTest implements FillWatch.Stores<RuntimeException> {

  private static final Volume SNAPSHOT = new Volume("vg", "data.sent");

  private final FillWatch<RuntimeException> watch = new FillWatch<>(LvmOptions.defaults(), this);
  private final List<Long> asked = new ArrayList<>();
  private boolean hasRoom = true;
  private boolean valid = true;
  private long used;
  private long sectors = 100;

  @Override
  public StoreStatus status(Volume snapshot) {
    return new StoreStatus(valid, used, sectors, 8);
  }

  @Override
  public boolean enlarge(Volume snapshot, long bytes) {
    asked.add(bytes);
    sectors = hasRoom ? bytes / 512 : sectors;
    return hasRoom;
  }

  private void lookAt(long usedSectors) {
    used = usedSectors;
    watch.look(SNAPSHOT);
  }

  @Test
  void oneThatFillsIsEnlargedEachTimeBeforeItOverflows() {
    lookAt(70);
    assertEquals(List.of(), asked);
    lookAt(71);
    assertEquals(List.of(142 * 512L), asked);
    lookAt(99);
    assertEquals(1, asked.size());
    lookAt(141);
    assertEquals(List.of(142 * 512L, 282 * 512L), asked);
  }

  @Test
  void whereNoRoomIsLeftTheReaderIsStoppedAndItIsAskedForOnce() {
    hasRoom = false;
    lookAt(71);
    lookAt(95);
    NoSpaceException full = assertThrows(NoSpaceException.class, () -> lookAt(96));
    assertTrue(full.getMessage().contains("could not be made larger"), full::getMessage);
    assertEquals(1, asked.size());
  }

  @Test
  void oneThatIsLostIsNotEnlarged() {
    valid = false;
    NoSpaceException lost = assertThrows(NoSpaceException.class, () -> lookAt(0));
    assertTrue(lost.getMessage().contains("is lost"), lost::getMessage);
    assertEquals(List.of(), asked);
  }
}
