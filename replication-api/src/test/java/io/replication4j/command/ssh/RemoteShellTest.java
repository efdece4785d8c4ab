package io.replication4j.command.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.Sequence;
import io.replication4j.command.ssh.RemoteShell.Greeting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent to a login shell, run by one of this machine. */
class RemoteShellTest {

  private final LocalCommandRunner runner = LocalCommandRunner.create();
  @TempDir private Path directory;

  @AfterEach
  void closeRunner() {
    runner.close();
  }

  private CommandResult run(Command command, OptionalLong until) throws InterruptedException {
    String text = RemoteShell.command(command, List.of(), until);
    Command shell = Command.of("sh", "-c", text);
    return runner.run(command.input().map(shell::withInput).orElse(shell));
  }

  private static Greeting greeting(CommandResult result) {
    return RemoteShell.greeting(result.errorTail().lines().findFirst().orElseThrow())
        .orElseThrow(() -> new AssertionError(result));
  }

  private static long uptime() throws IOException {
    String text = Files.readString(Path.of("/proc/uptime"));
    return Long.parseLong(text.substring(0, text.indexOf('.')));
  }

  @Test
  void tellsItsIdAndTheHostsUptime() throws Exception {
    long before = uptime();
    CommandResult result = run(Command.of("sh", "-c", "echo $$"), OptionalLong.empty());
    Greeting greeting = greeting(result);
    assertEquals(result.output().strip(), Long.toString(greeting.pid()));
    long told = greeting.uptime().orElseThrow();
    assertTrue(before <= told && told <= uptime(), result::toString);
  }

  @Test
  void runsWhatArrivesInTime() throws Exception {
    Command echo = Command.of("echo", "it's $HOME");
    OptionalLong soon = OptionalLong.of(uptime() + 30);
    assertEquals("it's $HOME\n", run(echo, soon).output());
    Command together = Sequence.of(List.of(echo, echo), List.of()).command();
    assertEquals(2, run(together, soon).output().lines().filter("it's $HOME"::equals).count());
  }

  @Test
  void doesNotRunWhatIsTooLate() throws Exception {
    Command touch = Command.of("touch", directory.resolve("late").toString());
    CommandResult result = run(touch, OptionalLong.of(uptime() - 2));
    assertEquals(75, result.exitStatus());
    assertTrue(result.errorTail().contains(" s too late, and was not run"), result::toString);
    assertTrue(greeting(result).uptime().isPresent()); // from which the next one's time is known
    assertTrue(Files.notExists(directory.resolve("late")));
  }

  /** The shell has started in time, and what it is to run comes later. */
  @Test
  void doesNotRunASequenceThatIsTooLate() throws Exception {
    Command touch = Command.of("touch", directory.resolve("late").toString());
    String text = Sequence.of(List.of(touch), List.of()).command().input().orElseThrow();
    Command late = Command.of("env", "R4J_UNTIL=" + (uptime() - 2), "sh", "-s").withInput(text);
    CommandResult result = runner.run(late);
    assertEquals(75, result.exitStatus());
    assertTrue(result.errorTail().contains(" s too late, and was not run"), result::toString);
    assertTrue(Files.notExists(directory.resolve("late")));
  }

  @Test
  void whereNoUptimeIsToldNothingIsLate() throws Exception {
    String text =
        RemoteShell.command(Command.of("echo", "run"), List.of(), OptionalLong.of(1))
            .replace("/proc/uptime", "/proc/no-such-file");
    CommandResult result = runner.run(Command.of("sh", "-c", text));
    assertEquals("run\n", result.output());
    assertEquals(OptionalLong.empty(), greeting(result).uptime());
  }
}
