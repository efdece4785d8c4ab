package io.replication4j.command.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.testing.CommandRunnerContract;
import io.replication4j.testing.OpenSshServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("isInstalled")
class OpenSshCommandRunnerIT extends CommandRunnerContract {

  private static OpenSshServer server;

  static boolean isInstalled() {
    return OpenSshServer.isInstalled();
  }

  @BeforeAll
  static void startServer() throws Exception {
    server = OpenSshServer.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  private static SshOptions.Builder options() {
    return SshOptions.builder(server.address())
        .identity(server.identity())
        .knownHosts(server.knownHosts())
        .withoutConfigFile();
  }

  @Override
  protected CommandRunner newRunner() throws Exception {
    return SshCommandRunner.connect(options().build());
  }

  @Override
  protected boolean isRunnersThread(Thread thread) {
    return super.isRunnersThread(thread) || thread.getName().startsWith("sshd-");
  }

  @Test
  void manyCommandsTakeOneConnection() throws Exception {
    long before = server.logins();
    for (int i = 0; i < 20; i++) {
      assertTrue(runner().run(Command.of("true")).succeeded());
    }
    assertEquals(before, server.logins());
  }
}
