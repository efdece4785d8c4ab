package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import org.junit.jupiter.api.Test;

class SubvolumeShowTest {

  /** As btrfs-progs 6.2 prints it. */
  private static final String TOP =
      "/\n\tName: \t\t\t<FS_TREE>\n\tUUID: \t\t\t8a7aa7b5-7a97-4712-b16c-9444b337a6e1\n\tParent UUID: \t\t-\n"
          + "\tReceived UUID: \t\t-\n\tCreation time: \t\t2026-11-20 14:20:35 +0000\n\tSubvolume ID: \t\t5\n"
          + "\tGeneration: \t\t8\n\tGen at creation: \t0\n\tParent ID: \t\t0\n\tTop level ID: \t\t0\n\tFlags: \t\t\t-\n"
          + "\tSnapshot(s):\n\t\t\t\t.replication4j/s1\n";

  @Test
  void theTopIsARowWithoutAPath() {
    Subvolume top = SubvolumeShow.parseTop(TOP);
    assertEquals("", top.path());
    assertEquals(5, top.id());
    assertEquals(8, top.generation());
    assertEquals("8a7aa7b5-7a97-4712-b16c-9444b337a6e1", top.identity());
  }

  @Test
  void namesOfSnapshotsSayNothing() {
    assertEquals(8, SubvolumeShow.parseTop(TOP + "\tGeneration: \t\t9\n").generation());
  }

  @Test
  void withoutAUuidItCannotBeASource() {
    String old = TOP.replace("8a7aa7b5-7a97-4712-b16c-9444b337a6e1", "-");
    assertThrows(UnsupportedException.class, () -> SubvolumeShow.parseTop(old));
  }

  @Test
  void anythingElseIsRefused() {
    assertThrows(UnexpectedOutputException.class, () -> SubvolumeShow.parseTop(""));
    assertThrows(
        UnexpectedOutputException.class,
        () -> SubvolumeShow.parseTop(TOP.replace("ID: \t\t5", "ID: \t\t256")));
    assertThrows(
        UnexpectedOutputException.class,
        () -> SubvolumeShow.parseTop(TOP.replace("Generation", "Gen")));
    assertThrows(
        UnexpectedOutputException.class,
        () -> SubvolumeShow.parseTop(TOP.replace("\tFlags", "\tGeneration: 4\n\tFlags")));
  }
}
