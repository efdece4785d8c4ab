package io.replication4j.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.testing.CommandRunnerContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LocalCommandRunnerTest extends CommandRunnerContract {

  @Override
  protected CommandRunner newRunner() {
    return LocalCommandRunner.create();
  }

  @Test
  void isTheLocalHost() {
    assertEquals("localhost", runner().host());
    assertEquals(Optional.empty(), runner().destination());
  }

  @Test
  void commandLeadsItsOwnProcessGroup() throws Exception {
    String[] ids =
        runner()
            .run(Command.of("sh", "-c", "ps -o pid=,pgid=,sid= -p $$"))
            .output()
            .strip()
            .split(" +");
    assertEquals(ids[0], ids[1]);
    assertEquals(ids[0], ids[2]);
  }

  @Test
  void privilegePrefixGoesBeforeTheProgram() throws Exception {
    try (CommandRunner runner = LocalCommandRunner.withPrivilege("env", "AS=root")) {
      assertEquals("root", runner.run(Command.of("sh", "-c", "printf $AS")).output());
      Command batch =
          Command.batch(
              List.of("sh", "-c", "printf $AS$1", "sh"), List.of(List.of("1"), List.of("2")));
      assertEquals("root1root2", runner.run(batch).output());
    }
  }

  @Test
  void missingProgramBehindAPrefixIsRecognised() {
    try (CommandRunner runner = LocalCommandRunner.withPrivilege("env")) {
      assertThrows(
          CommandNotFoundException.class, () -> runner.run(Command.of("no-such-program-r4j")));
    }
  }

  @Test
  void missingPrefixIsRecognised() {
    try (CommandRunner runner = LocalCommandRunner.withPrivilege("no-such-sudo", "-n")) {
      assertTrue(
          assertThrows(CommandNotFoundException.class, () -> runner.start(Command.of("true")))
              .getMessage()
              .startsWith("no-such-sudo was not found on localhost"));
    }
  }

  @Test
  void startRefusesAMissingProgram() {
    assertThrows(
        CommandNotFoundException.class, () -> runner().start(Command.of("/no/such/program")));
    assertThrows(CommandNotFoundException.class, () -> runner().start(Command.of("/etc/passwd")));
  }

  @Test
  void wordsSurviveAnyLocaleOfTheJvm() throws Exception {
    List<String> script = AsciiWords.script(List.of("printf", "%s|", "grüße\n", "a b", "日本'$(id)"));
    assertTrue(script.stream().allMatch(word -> word.chars().allMatch(c -> c < 128)));
    assertEquals("grüße\n|a b|日本'$(id)|", runner().run(Command.of(script)).output());
  }
}
