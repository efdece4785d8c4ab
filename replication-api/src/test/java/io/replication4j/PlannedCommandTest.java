package io.replication4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.spi.Failures;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people see of a command, and what is exact. */
class PlannedCommandTest {

  private static final Command SCRIPT =
      Command.script("receive a volume", "trap 'x' 0\n[ \"$1\" ] || exit\n", "vg", "it's", "a b");

  private static PlannedCommand planned(Command command) {
    return new PlannedCommand("backup", command.toShellText());
  }

  @Test
  void aScriptIsPrintedByItsTitleWithItsArguments() {
    assertEquals(
        "backup$ sh -c '# receive a volume …' sh vg 'it'\\''s' 'a b'", planned(SCRIPT).toString());
  }

  @Test
  void itsTextIsExact() {
    assertEquals(
        "sh -c '# receive a volume\ntrap '\\''x'\\'' 0\n[ \"$1\" ] || exit\n' sh vg 'it'\\''s' 'a b'",
        planned(SCRIPT).text());
  }

  @Test
  void everyRunOfABatchHasItsLine() {
    Command one = Command.script("remove a place", "rmdir -- \"$1\"\n");
    assertEquals(
        "backup$ sh -c '# remove a place …' sh /a\nbackup$ sh -c '# remove a place …' sh '/b c'",
        planned(Command.batch(one.argv(), List.of(List.of("/a"), List.of("/b c")))).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "a b", "it's", "'", "''", "\\", "$(x)", "…", "# no title"})
  void whatIsNoScriptIsPrintedWhole(String word) {
    Command command = Command.of("zfs", "create", word);
    assertEquals("backup$ " + command.toShellText(), planned(command).toString());
  }

  @Test
  void aFailureNamesWhatWasTriedAndOnWhat() {
    CommandResult failed = new CommandResult(67, "", "no room", Duration.ZERO);
    assertEquals(
        "sh -c '# receive a volume …' sh vg 'it'\\''s' 'a b' on backup failed: exit 67 after 0.0s:"
            + " no room",
        Failures.message("backup", SCRIPT, failed));
    assertEquals("receive a volume", SCRIPT.verb());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "two\nlines"})
  void aTitleIsALine(String title) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Command.script(title, "true"));
    assertTrue(String.valueOf(e.getMessage()).contains("title"), e::getMessage);
  }

  /** As long as the longest of ours many times over, and full of quotes. */
  @Test
  void aLongScriptIsNoTrouble() {
    Command command = Command.script("long", "echo 'it'\n".repeat(20_000), "end");
    assertEquals("backup$ sh -c '# long …' sh end", planned(command).toString());
  }
}
