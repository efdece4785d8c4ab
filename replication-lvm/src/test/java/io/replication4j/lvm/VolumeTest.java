package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.FilesystemName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of volumes, and of what stands beside them. */
class VolumeTest {

  private static final Volume DATA = new Volume("vg-0", "my-data");

  @ParameterizedTest
  @ValueSource(
      strings = {"sent-dr", "a b", "Q_odd.name-2:x", "ümlaut", "+2B", "a+in", "x_tdata", "$(id)"})
  void everyLabelComesBackFromAName(String label) {
    String name = DATA.snapshot(label).name();
    assertTrue(name.matches("[a-zA-Z0-9+_.-]+"), name);
    assertEquals(label, DATA.label(name));
    assertEquals(label, DATA.label(DATA.incoming(label).name()));
    assertDoesNotThrow(() -> Volume.requireValid(FilesystemName.of("vg/" + name)));
  }

  @Test
  void aSnapshotThatSomebodyCalledOtherwiseIsItsOwnLabel() {
    assertEquals("elsewhere", DATA.label("elsewhere"));
  }

  @Test
  void deviceMapperDoublesDashes() {
    assertEquals("/dev/mapper/vg--0-my--data", DATA.device());
    assertEquals("/dev/mapper/vg--0-my--data.sent--dr-cow", DATA.snapshot("sent-dr").storeDevice());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"vg", "/vg/data", "vg/a b", "vg/a/b", "vg/snapshot1", "vg/a_tmeta", "v:g/data"})
  void whatLvmRefusesIsRefused(String name) {
    assertThrows(
        IllegalArgumentException.class, () -> Volume.requireValid(FilesystemName.of(name)));
  }
}
