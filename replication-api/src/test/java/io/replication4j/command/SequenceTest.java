package io.replication4j.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceTest {

  /**
   * A JVM that is killed, or a connection that breaks, while the shell is being told what to do.
   */
  @Test
  void whatArrivesInPartRunsNothing(@TempDir Path directory)
      throws IOException, InterruptedException {
    String first = directory.resolve("first").toString();
    String second = directory.resolve("second").toString();
    Command all =
        Sequence.of(
                List.of(
                    Command.of("touch", first),
                    Command.batch(List.of("touch"), List.of(List.of(second), List.of(first)))),
                List.of())
            .command();
    String script = all.input().orElseThrow();
    for (int cut = 0; cut < script.length() - 2; cut++) { // without the last brace
      run(all, script.substring(0, cut));
      try (Stream<Path> files = Files.list(directory)) {
        assertEquals(List.of(), files.toList(), script.substring(0, cut));
      }
    }
    run(all, script);
    assertTrue(Files.exists(Path.of(second)));
  }

  private static void run(Command command, String input) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder(command.argv())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    shell.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    shell.getOutputStream().close();
    shell.waitFor();
  }
}
