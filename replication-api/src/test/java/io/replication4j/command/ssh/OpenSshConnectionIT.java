package io.replication4j.command.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.OpenSshServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways into a real OpenSSH server, and out of it by force. */
@EnabledIf("isInstalled")
@Timeout(120)
class OpenSshConnectionIT {

  private static OpenSshServer server;

  @TempDir private Path directory;

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
    return SshOptions.builder(server.address()).knownHosts(server.knownHosts()).withoutConfigFile();
  }

  private static SshOptions.Builder trusted() {
    return options().identity(server.identity());
  }

  private static void assertLetsIn(SshOptions.Builder options) throws InterruptedException {
    try (CommandRunner runner = SshCommandRunner.connect(options.build())) {
      assertEquals("in", runner.run(Command.of("printf", "in")).output());
    }
  }

  private Path authorizedKey(String type, String passphrase) throws Exception {
    Path key = OpenSshServer.keygen(directory.resolve("key-" + type), type, passphrase);
    server.authorize(key);
    return key;
  }

  // ---- keys

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "ecdsa", "rsa"})
  void keyOfAnyTypeLetsIn(String type) throws Exception {
    assertLetsIn(options().identity(authorizedKey(type, "")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "ecdsa", "rsa"})
  void encryptedKeyLetsInWithItsPassphrase(String type) throws Exception {
    Path key = authorizedKey(type, "öpen sesame");
    List<Path> asked = new ArrayList<>();
    SshOptions.Builder options =
        options()
            .identity(key)
            .passphrases(
                file -> {
                  asked.add(file);
                  return Optional.of("öpen sesame".toCharArray());
                });
    assertLetsIn(options);
    assertEquals(List.of(key), asked);
  }

  @Test
  void wrongOrMissingPassphraseIsNamedAndNotRepeated() throws Exception {
    Path key = authorizedKey("ed25519", "right");
    var wrong =
        options().identity(key).passphrases(file -> Optional.of("wrong one".toCharArray())).build();
    AuthenticationFailedException e =
        assertThrows(
            AuthenticationFailedException.class, () -> SshCommandRunner.connect(wrong).close());
    assertTrue(
        e.getMessage()
            .contains(key + " was not used: it is encrypted, and the passphrase is wrong"),
        e.getMessage());
    assertFalse(e.getMessage().contains("wrong one"), e.getMessage());
    var none = options().identity(key).build();
    e =
        assertThrows(
            AuthenticationFailedException.class, () -> SshCommandRunner.connect(none).close());
    assertTrue(e.getMessage().contains("no passphrase was given"), e.getMessage());
  }

  @Test
  void severalKeysAreOfferedInOrderUntilOneIsAccepted() throws Exception {
    Path stranger = OpenSshServer.keygen(directory.resolve("stranger"), "ed25519", "");
    assertLetsIn(options().identity(stranger).identity(server.identity()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "ecdsa", "rsa"})
  void agentSignsWithItsKey(String type) throws Exception {
    Path key = authorizedKey(type, "");
    try (SshAgent agent = SshAgent.start(directory.resolve("agent"))) {
      agent.add(key);
      Files.delete(key);
      assertLetsIn(options().identity(directory.resolve("none")).agent(agent.socket()));
    }
  }

  @Test
  void agentWithoutTheRightKeyIsNamed() throws Exception {
    try (SshAgent agent = SshAgent.start(directory.resolve("agent"))) {
      agent.add(OpenSshServer.keygen(directory.resolve("stranger"), "ed25519", ""));
      SshOptions options =
          options().identity(directory.resolve("none")).agent(agent.socket()).build();
      AuthenticationFailedException e =
          assertThrows(
              AuthenticationFailedException.class, () -> SshCommandRunner.connect(options).close());
      assertTrue(e.getMessage().contains("from the agent"), e.getMessage());
    }
  }

  @Test
  void agentThatIsNotThereIsNamed() {
    SshOptions options =
        options().identity(directory.resolve("none")).agent(directory.resolve("no-agent")).build();
    AuthenticationFailedException e =
        assertThrows(
            AuthenticationFailedException.class, () -> SshCommandRunner.connect(options).close());
    assertTrue(
        e.getMessage()
            .contains("the agent at " + directory.resolve("no-agent") + " cannot be reached"),
        e.getMessage());
  }

  // ---- host keys

  @Test
  void hashedKnownHostsEntryIsFound() throws Exception {
    Path hashed = Files.copy(server.knownHosts(), directory.resolve("hashed"));
    run("ssh-keygen", "-q", "-H", "-f", hashed.toString());
    assertTrue(Files.readString(hashed).startsWith("|1|"));
    assertLetsIn(
        SshOptions.builder(server.address())
            .identity(server.identity())
            .knownHosts(hashed)
            .withoutConfigFile());
  }

  @Test
  void serverIsAskedForTheKeyThatIsKnownOfIt() throws Exception {
    Path rsa = OpenSshServer.keygen(directory.resolve("host_rsa"), "rsa", "");
    try (OpenSshServer two = OpenSshServer.start("HostKey " + rsa)) {
      Path known = directory.resolve("known");
      for (String key : List.of(Files.readString(Path.of(rsa + ".pub")), keyOf(two))) {
        Files.writeString(known, "[127.0.0.1]:" + two.port() + " " + key);
        assertLetsIn(
            SshOptions.builder(two.address())
                .identity(two.identity())
                .knownHosts(known)
                .withoutConfigFile());
      }
    }
  }

  private static String keyOf(OpenSshServer server) throws IOException {
    return Files.readString(server.directory().resolve("host_key.pub"));
  }

  // ---- configuration

  @Test
  void configurationFileGivesHostPortUserKeyAndKnownHosts() throws Exception {
    Path config = directory.resolve("config");
    Files.writeString(
        config,
        """
        Match user nobody
          Port 1
        Host backup-*
          HostName 127.0.0.1
          Port=%d
          User "%s"
          IdentityFile %s
          UserKnownHostsFile %s
        Host *
          Port 1
          User nobody
        """
            .formatted(server.port(), server.user(), server.identity(), server.knownHosts()));
    try (CommandRunner runner =
        SshCommandRunner.connect(SshOptions.builder("backup-1").configFile(config).build())) {
      assertTrue(runner.run(Command.of("true")).succeeded());
      assertEquals("127.0.0.1:" + server.port(), runner.host());
    }
  }

  @Test
  void jumpHostOfTheConfigurationIsPassed() throws Exception {
    Path config = directory.resolve("config");
    String common =
        "HostName 127.0.0.1\nUser %s\nIdentityFile %s\nUserKnownHostsFile %s\n"
            .formatted(server.user(), server.identity(), server.knownHosts());
    try (OpenSshServer behind = OpenSshServer.start()) {
      behind.authorize(server.identity());
      Files.writeString(
          server.knownHosts(),
          Files.readString(server.knownHosts()) + Files.readString(behind.knownHosts()));
      Files.writeString(
          config,
          "Host gate\nPort "
              + server.port()
              + "\n"
              + common
              + "Host inner\nProxyJump gate\nPort "
              + behind.port()
              + "\n"
              + common);
      long before = server.logins();
      try (CommandRunner runner =
          SshCommandRunner.connect(SshOptions.builder("inner").configFile(config).build())) {
        assertTrue(runner.run(Command.of("true")).succeeded());
        assertEquals(Optional.empty(), runner.destination());
        assertEquals(1, behind.logins());
        assertEquals(before + 1, server.logins());
        behind.breakConnections();
        assertTrue(runner.run(Command.of("true")).succeeded());
        server.breakConnections();
        assertTrue(runner.run(Command.of("true")).succeeded());
      }
    }
  }

  @Test
  void jumpHostOfTheOptionsIsPassedAndStreamsFlow() throws Exception {
    SshOptions options = trusted().jump(server.address()).build();
    try (CommandRunner runner = SshCommandRunner.connect(options);
        RunningCommand zeros = runner.start(Command.of("head", "-c", "50000000", "/dev/zero"))) {
      assertEquals(50_000_000, count(zeros.stdout()));
      assertEquals(0, zeros.waitFor());
    }
  }

  @Test
  void hostThatTheJumpHostCannotReachIsReportedAsSuch() throws Exception {
    SshOptions options = trusted().port(OpenSshServer.freePort()).jump(server.address()).build();
    var e =
        assertThrows(
            io.replication4j.command.ConnectionFailedException.class,
            () -> SshCommandRunner.connect(options).close());
    assertTrue(e.getMessage().contains("by way of " + server.address()), e.getMessage());
  }

  // ---- commands

  @Test
  void missingProgramIsRecognised() throws Exception {
    try (CommandRunner runner = SshCommandRunner.connect(trusted().build())) {
      assertThrows(
          CommandNotFoundException.class, () -> runner.run(Command.of("no-such-program-r4j")));
      try (RunningCommand started = runner.start(Command.of("no-such-program-r4j"))) {
        assertEquals(127, started.waitFor());
      }
    }
  }

  @Test
  void privilegePrefixIsUsedAndFoundMissing() throws Exception {
    try (CommandRunner runner =
        SshCommandRunner.connect(trusted().privilege(List.of("env", "AS=root")).build())) {
      assertEquals("root", runner.run(Command.of("sh", "-c", "printf $AS")).output());
    }
    try (CommandRunner runner =
        SshCommandRunner.connect(trusted().privilege(List.of("no-such-sudo", "-n")).build())) {
      assertThrows(CommandNotFoundException.class, () -> runner.run(Command.of("true")));
    }
  }

  @Test
  void brokenConnectionIsNeitherAnEndOfFileNorAStatusAndTheNextCommandReconnects()
      throws Exception {
    try (CommandRunner runner = SshCommandRunner.connect(trusted().build());
        RunningCommand stream = runner.start(Command.of("sh", "-c", "printf x; cat"))) {
      assertEquals('x', stream.stdout().read());
      server.breakConnections();
      assertThrows(ConnectionLostException.class, () -> stream.stdout().read());
      assertThrows(ConnectionLostException.class, stream::waitFor);
      assertTrue(runner.run(Command.of("true")).succeeded());
    }
  }

  @Test
  void serverThatAdmitsFewChannelsIsServedWithMoreConnections() throws Exception {
    try (OpenSshServer small = OpenSshServer.start("MaxSessions 1")) {
      SshOptions options =
          SshOptions.builder(small.address())
              .identity(small.identity())
              .knownHosts(small.knownHosts())
              .withoutConfigFile()
              .build();
      try (CommandRunner runner = SshCommandRunner.connect(options);
          RunningCommand one = runner.start(Command.of("cat"));
          RunningCommand two = runner.start(Command.of("cat"))) {
        for (RunningCommand cat : List.of(one, two)) {
          cat.stdin().write("x".getBytes(StandardCharsets.UTF_8));
          cat.stdin().close();
          assertEquals(1, count(cat.stdout()));
        }
      }
    }
  }

  @Test
  void serverThatAdmitsNoChannelIsReported() throws Exception {
    try (OpenSshServer none = OpenSshServer.start("MaxSessions 0")) {
      SshOptions options =
          SshOptions.builder(none.address())
              .identity(none.identity())
              .knownHosts(none.knownHosts())
              .withoutConfigFile()
              .build();
      try (CommandRunner runner = SshCommandRunner.connect(options)) {
        var e =
            assertThrows(
                io.replication4j.command.ConnectionFailedException.class,
                () -> runner.run(Command.of("true")));
        assertTrue(e.getMessage().contains("MaxSessions"), e.getMessage());
      }
    }
  }

  private static long count(InputStream in) throws IOException {
    byte[] buffer = new byte[64 << 10];
    long total = 0;
    for (int n; (n = in.read(buffer)) >= 0; ) {
      total += n;
    }
    return total;
  }

  private static void run(String... words) throws IOException, InterruptedException {
    new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
