package io.replication4j.command.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.ConnectionFailedException;
import io.replication4j.testing.OpenSshServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SshConnectionErrorsTest {

  @TempDir private Path directory;
  private MinaServer server;

  @BeforeEach
  void startServer() throws Exception {
    server = new MinaServer(directory);
  }

  @AfterEach
  void stopServer() throws Exception {
    server.close();
  }

  private static <T extends ConnectionFailedException> T refused(
      Class<T> type, SshOptions.Builder options) {
    T e = assertThrows(type, () -> SshCommandRunner.connect(options.build()).close());
    assertEquals(type, e.getClass());
    return e;
  }

  private static void assertSays(Throwable e, String... parts) {
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @Test
  void unknownHostKeyIsRefusedAndToldHowToAdd() throws Exception {
    Files.writeString(server.knownHosts(), "");
    HostKeyUnknownException e = refused(HostKeyUnknownException.class, server.options());
    assertSays(
        e,
        KeyUtils.getFingerPrint(server.hostKey().getPublic()),
        "ssh-keyscan -p " + server.port() + " 127.0.0.1 >> " + server.knownHosts(),
        "tester@127.0.0.1");
    assertFalse(e.isRetryable());
  }

  @Test
  void missingKnownHostsFileKnowsNobody() throws Exception {
    Files.delete(server.knownHosts());
    refused(HostKeyUnknownException.class, server.options());
  }

  @Test
  void unknownHostKeyIsAddedWhereTheCallerChoseSoAndHeldToFromThenOn() throws Exception {
    Path file = directory.resolve("new/known_hosts");
    SshOptions.Builder options = server.options().hostKeyPolicy(HostKeyPolicy.ACCEPT_NEW);
    SshOptions accepting =
        SshOptions.builder("tester@127.0.0.1:" + server.port())
            .identity(server.identity())
            .withoutConfigFile()
            .knownHosts(file)
            .hostKeyPolicy(HostKeyPolicy.ACCEPT_NEW)
            .build();
    SshCommandRunner.connect(accepting).close();
    assertEquals(Files.readString(server.knownHosts()), Files.readString(file));
    SshCommandRunner.connect(accepting).close();
    assertEquals(1, Files.readAllLines(file).size());
    Files.writeString(server.knownHosts(), line("[127.0.0.1]:" + server.port()));
    refused(HostKeyChangedException.class, options);
  }

  @Test
  void changedHostKeyIsRefusedAndNamesTheFile() throws Exception {
    Files.writeString(server.knownHosts(), line("[127.0.0.1]:" + server.port()));
    HostKeyChangedException e = refused(HostKeyChangedException.class, server.options());
    assertSays(
        e,
        KeyUtils.getFingerPrint(server.hostKey().getPublic()),
        "ssh-keygen -R '[127.0.0.1]:" + server.port() + "' -f " + server.knownHosts());
  }

  @Test
  void revokedHostKeyIsRefused() throws Exception {
    String known = Files.readString(server.knownHosts());
    Files.writeString(server.knownHosts(), known + "@revoked " + known);
    assertSays(refused(HostKeyChangedException.class, server.options()), "revoked");
  }

  @Test
  void keyOfTheSameHostOnAnotherPortDoesNotCount() throws Exception {
    Files.writeString(
        server.knownHosts(),
        "127.0.0.1 " + PublicKeyEntry.toString(server.hostKey().getPublic()) + "\n");
    refused(HostKeyUnknownException.class, server.options());
  }

  private static String line(String name) throws Exception {
    return name + " " + PublicKeyEntry.toString(MinaServer.newKey().getPublic()) + "\n";
  }

  @Test
  void wrongKeyListsWhatWasOffered() throws Exception {
    Path other = directory.resolve("other");
    var key = MinaServer.newKey();
    MinaServer.write(key, other);
    SshOptions.Builder options =
        SshOptions.builder("tester@127.0.0.1:" + server.port())
            .identity(other)
            .knownHosts(server.knownHosts())
            .withoutConfigFile();
    AuthenticationFailedException e = refused(AuthenticationFailedException.class, options);
    assertSays(e, other.toString(), KeyUtils.getFingerPrint(key.getPublic()), "authorized_keys");
    assertFalse(e.isRetryable());
  }

  @Test
  void missingIdentityFileIsNamed() {
    SshOptions.Builder options =
        SshOptions.builder("tester@127.0.0.1:" + server.port())
            .identity(directory.resolve("none"))
            .knownHosts(server.knownHosts())
            .withoutConfigFile();
    assertSays(
        refused(AuthenticationFailedException.class, options),
        "no key was offered",
        directory.resolve("none") + " was not used: there is no such file");
  }

  @Test
  void refusedConnectionIsRetryable() throws Exception {
    int port = OpenSshServer.freePort();
    ConnectionRefusedException e =
        refused(ConnectionRefusedException.class, server.options().port(port));
    assertSays(e, "tester@127.0.0.1:" + port, "is the SSH server running");
    assertTrue(e.isRetryable());
  }

  @Test
  void unresolvableNameIsNamed() {
    SshOptions.Builder options =
        SshOptions.builder("tester@no-such-host.invalid").withoutConfigFile();
    assertSays(refused(HostNotFoundException.class, options), "no-such-host.invalid");
  }

  @Test
  void hostThatDropsPacketsIsUnreachable() throws Exception {
    List<SocketChannel> fillers = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0;
          i < 8;
          i++) { // a full backlog makes the kernel drop what comes next, as a firewall would
        SocketChannel filler = SocketChannel.open();
        filler.configureBlocking(false);
        filler.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()));
        fillers.add(filler);
      }
      SshOptions.Builder options =
          server.options().port(full.getLocalPort()).connectTimeout(Duration.ofMillis(500));
      HostUnreachableException e = refused(HostUnreachableException.class, options);
      assertSays(e, "no answer within PT0.5S");
      assertTrue(e.isRetryable());
    } finally {
      for (SocketChannel filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void serverThatNeverSpeaksIsGivenUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      SshOptions.Builder options =
          server.options().port(silent.getLocalPort()).authTimeout(Duration.ofMillis(500));
      assertSays(refused(HostUnreachableException.class, options), "is it an SSH server");
    }
  }

  @Test
  void whoWaitsForALogInThatFailsDoesNotTryAgain() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      SshOptions options =
          server.options().port(silent.getLocalPort()).authTimeout(Duration.ofSeconds(1)).build();
      try (SessionPool pool = new SessionPool(Link.along(Hop.route(options), options))) {
        List<FutureTask<ConnectionFailedException>> all =
            Stream.generate(
                    () ->
                        new FutureTask<>(
                            () -> assertThrows(ConnectionFailedException.class, pool::take)))
                .limit(4)
                .toList();
        all.forEach(one -> new Thread(one).start());
        for (FutureTask<ConnectionFailedException> one : all) {
          one.get();
        }
      }
      assertEquals(1, connections(silent));
    }
  }

  @Test
  void nobodyWhoEndsACommandWaitsForALogInOfOthers() throws Exception {
    SshOptions working = server.options().build();
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        SessionPool source = new SessionPool(Link.along(Hop.route(working), working))) {
      SshOptions options =
          server.options().port(silent.getLocalPort()).authTimeout(Duration.ofSeconds(3)).build();
      try (SessionPool pool = new SessionPool(Link.along(Hop.route(options), options))) {
        Session taken = source.take();
        FutureTask<ConnectionFailedException> login =
            new FutureTask<>(() -> assertThrows(ConnectionFailedException.class, pool::take));
        new Thread(login).start();
        try (Socket begun = silent.accept()) {
          pool.giveBack(taken);
          assertFalse(login.isDone());
          login.get();
        }
      }
    }
  }

  private static int connections(ServerSocket server) throws IOException {
    server.setSoTimeout(100);
    int connections = 0;
    while (true) {
      try {
        server.accept().close();
        connections++;
      } catch (SocketTimeoutException e) {
        return connections;
      }
    }
  }

  @Test
  void serverThatHangsUpIsReported() throws Exception {
    try (ServerSocket rude = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread hangUp =
          new Thread(
              () -> {
                try {
                  rude.accept().close();
                } catch (java.io.IOException e) {
                  // the test is over
                }
              });
      hangUp.start();
      assertSays(
          refused(ConnectionFailedException.class, server.options().port(rude.getLocalPort())),
          "connection was closed");
      hangUp.join();
    }
  }

  @Test
  void failedConnectLeavesNoThread() throws Exception {
    refused(ConnectionRefusedException.class, server.options().port(OpenSshServer.freePort()));
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().contains("SshClient")) {
        thread.join(10_000);
        assertFalse(thread.isAlive(), thread::toString);
      }
    }
  }

  @Test
  void interruptedConnectIsPassedOn() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread.currentThread().interrupt();
      SshOptions options = server.options().port(silent.getLocalPort()).build();
      assertThrows(InterruptedException.class, () -> SshCommandRunner.connect(options).close());
    }
  }

  @Test
  void reconnectThatFailsSaysWhy() throws Exception {
    try (SshCommandRunner runner = SshCommandRunner.connect(server.options().build())) {
      server.close();
      assertThrows(ConnectionRefusedException.class, () -> runner.run(Command.of("true")));
    }
  }

  @Test
  void oddAddressesAreRefused() {
    for (String address :
        List.of(
            "",
            "@host",
            "user@",
            "host:port",
            "host:0",
            "host:99999",
            "-oProxyCommand=x",
            "a b",
            "u@h@i",
            "::1")) {
      assertThrows(IllegalArgumentException.class, () -> SshOptions.builder(address), address);
    }
  }
}
