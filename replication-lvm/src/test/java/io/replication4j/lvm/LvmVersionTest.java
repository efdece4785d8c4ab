package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which LVM says exactly whether a snapshot is empty. */
class LvmVersionTest {

  private static LvmVersion parse(String number) {
    return LvmVersion.parse(
        "here",
        "  LVM version:     "
            + number
            + " (2022-05-18)\n  Library version: 1.02.185 (2022-05-18)\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.03.16(2)", "2.02.178(2)", "2.02.187(2)-RHEL7", "3.00.0(1)"})
  void newOnesAreTaken(String number) {
    assertDoesNotThrow(() -> parse(number).requireExact("here"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.02.177(2)", "2.02.133(2)", "2.01.200(1)"})
  void oldOnesAreRefused(String number) {
    assertThrows(UnsupportedException.class, () -> parse(number).requireExact("here"));
  }

  @Test
  void isShownAsLvmWritesIt() {
    assertEquals("2.02.133", parse("2.02.133(2)").toString());
  }

  @Test
  void anythingElseIsNoVersion() {
    assertThrows(UnexpectedOutputException.class, () -> LvmVersion.parse("here", "lvm? what lvm"));
  }
}
