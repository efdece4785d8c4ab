package io.replication4j.examples.replicate;

import io.replication4j.command.Command;
import io.replication4j.command.RunningCommand;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.shell.ProcessShellFactory;
import picocli.CommandLine;

/**
 * Does what a {@code replicate} over SSH does, without any storage: against a server in this JVM.
 * The launcher runs it once after a build, for an archive of the classes that it loads (java(1),
 * {@code -XX:ArchiveClassesAtExit}), with which every start takes half the time.
 */
final class Rehearsal {

  private static final int MIB = 1 << 20;

  private Rehearsal() {}

  public static void main(String[] args)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path directory = Files.createTempDirectory("replicate-rehearsal");
    try (SshServer server = SshServer.setUpDefaultServer()) {
      rehearse(server, directory);
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void rehearse(SshServer server, Path directory)
      throws IOException, GeneralSecurityException, InterruptedException {
    KeyPair key = key();
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(KeyPairProvider.wrap(key));
    server.setPublickeyAuthenticator(
        (user, offered, session) -> KeyUtils.compareKeys(offered, key.getPublic()));
    server.setCommandFactory(
        (channel, text) ->
            new ProcessShellFactory(text, "/bin/sh", "-c", text).createShell(channel));
    server.start();
    Path identity = directory.resolve("id");
    try (OutputStream out = Files.newOutputStream(identity)) {
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "rehearsal", null, out);
    }
    String host = "[127.0.0.1]:" + server.getPort();
    Path knownHosts = directory.resolve("known_hosts");
    Files.writeString(knownHosts, host + " " + PublicKeyEntry.toString(key.getPublic()) + "\n");
    stream(
        SshOptions.builder("rehearsal@127.0.0.1:" + server.getPort())
            .identity(identity)
            .knownHosts(knownHosts)
            .withoutConfigFile()
            .build());
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter(), true);
    new CommandLine(new Replicate())
        .setErr(nowhere)
        .setExecutionExceptionHandler((e, line, result) -> 1) // there is no btrfs at /proc
        .execute(
            "--json",
            "--identity=" + identity,
            "--known-hosts=" + knownHosts,
            "btrfs:/proc/none",
            "btrfs://rehearsal@127.0.0.1:" + server.getPort() + "/proc/none");
  }

  private static KeyPair key() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private static void stream(SshOptions options) throws IOException, InterruptedException {
    try (SshCommandRunner runner = SshCommandRunner.connect(options)) {
      runner.runAll(List.of(Command.of("true"), Command.of("true")));
      try (RunningCommand receiver = runner.start(Command.of("wc", "-c"))) {
        try (OutputStream out = receiver.stdin()) {
          out.write(new byte[MIB]);
        }
        receiver.waitFor();
      }
    }
  }
}
