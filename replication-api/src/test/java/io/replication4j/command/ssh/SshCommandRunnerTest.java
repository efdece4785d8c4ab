package io.replication4j.command.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.command.SshDestination;
import io.replication4j.testing.CommandRunnerContract;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshCommandRunnerTest extends CommandRunnerContract {

  private static MinaServer server;

  @BeforeAll
  static void startServer(@TempDir Path directory) throws Exception {
    server = new MinaServer(directory);
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @Override
  protected CommandRunner newRunner() throws Exception {
    return SshCommandRunner.connect(server.options().build());
  }

  @Override
  protected boolean isRunnersThread(Thread thread) {
    return thread.getName().contains("SshClient");
  }

  @Test
  void namesItsHostAndWhereItIs() {
    assertEquals("127.0.0.1:" + server.port(), runner().host());
    assertEquals(
        Optional.of(new SshDestination("tester", "127.0.0.1", server.port())),
        runner().destination());
  }

  @Test
  void manyCommandsTakeOneConnection() throws Exception {
    int before = server.connections();
    for (int i = 0; i < 50; i++) {
      assertTrue(runner().run(Command.of("true")).succeeded());
    }
    assertEquals(before, server.connections());
  }

  @Test
  void moreStreamsThanChannelsOfASessionTakeFurtherConnectionsThatAreGivenUpAgain()
      throws Exception {
    int before = server.connections();
    List<RunningCommand> open = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      open.add(runner().start(Command.of("cat")));
    }
    assertEquals(2, server.connections() - before);
    open.forEach(RunningCommand::close);
    assertTrue(runner().run(Command.of("true")).succeeded());
    assertEquals(2, server.connections() - before);
  }

  @Test
  void lostConnectionIsNeitherAnEndOfFileNorAStatus() throws Exception {
    RunningCommand cat = runner().start(Command.of("cat"));
    cat.stdin().write("x".getBytes(StandardCharsets.UTF_8));
    cat.stdin().flush();
    assertEquals('x', cat.stdout().read());
    server.cut();
    ConnectionLostException e =
        assertThrows(ConnectionLostException.class, () -> cat.stdout().read());
    assertTrue(e.isRetryable());
    assertTrue(
        e.getMessage()
            .startsWith("the connection to " + runner().host() + " was lost while cat ran"),
        e.getMessage());
    assertThrows(ConnectionLostException.class, cat::waitFor);
    cat.close();
  }

  @Test
  void lostConnectionFailsTheCommandThatRunsAndTheNextOneReconnects() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (RunningCommand started = runner().start(Command.of("sh", "-c", "echo; exec sleep 300"))) {
      Future<?> run = executor.submit(() -> runner().run(Command.of("sleep", "300")));
      assertEquals('\n', started.stdout().read());
      runner().run(Command.of("true")); // by now, the sleep has been sent
      server.cut();
      Throwable cause =
          assertThrows(java.util.concurrent.ExecutionException.class, run::get).getCause();
      assertEquals(ConnectionLostException.class, cause.getClass());
      assertTrue(runner().run(Command.of("true")).succeeded());
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void writingIntoALostConnectionSaysSo() throws Exception {
    try (RunningCommand deaf = runner().start(Command.of("sh", "-c", "echo; exec sleep 300"))) {
      assertEquals('\n', deaf.stdout().read());
      server.cut();
      assertThrows(ConnectionLostException.class, deaf::waitFor);
      assertThrows(ConnectionLostException.class, () -> deaf.stdin().write(new byte[1 << 20]));
    }
  }

  @Test
  void privilegePrefixGoesBeforeTheProgram() throws Exception {
    SshOptions options = server.options().privilege(List.of("env", "AS=root")).build();
    try (CommandRunner runner = SshCommandRunner.connect(options)) {
      assertEquals("root", runner.run(Command.of("sh", "-c", "printf $AS")).output());
      Command batch =
          Command.batch(
              List.of("sh", "-c", "printf $AS$1", "sh"), List.of(List.of("1"), List.of("2")));
      assertEquals("root1root2", runner.run(batch).output());
    }
  }
}
