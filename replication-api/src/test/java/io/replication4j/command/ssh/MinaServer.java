package io.replication4j.command.ssh;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;

/** MINA's own SSH server inside this JVM; its commands run on this machine. */
final class MinaServer implements AutoCloseable {

  private final SshServer server = SshServer.setUpDefaultServer();
  private final Path directory;
  private final KeyPair hostKey = newKey();
  private final AtomicInteger connections = new AtomicInteger();

  MinaServer(Path directory) throws IOException, GeneralSecurityException {
    this.directory = directory;
    KeyPair userKey = newKey();
    write(userKey, identity());
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
    server.setPublickeyAuthenticator(
        (user, key, session) -> KeyUtils.compareKeys(key, userKey.getPublic()));
    server.setCommandFactory((channel, text) -> new LocalExec(text));
    server.addSessionListener(
        new SessionListener() {
          @Override
          public void sessionEstablished(Session session) {
            connections.incrementAndGet();
          }
        });
    CoreModuleProperties.TCP_NODELAY.set(server, true);
    server.start();
    Files.writeString(
        knownHosts(),
        "[127.0.0.1]:" + port() + " " + PublicKeyEntry.toString(hostKey.getPublic()) + "\n");
  }

  static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  static void write(KeyPair key, Path file) throws IOException, GeneralSecurityException {
    try (OutputStream out = Files.newOutputStream(file)) {
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "test", null, out);
    }
  }

  int port() {
    return server.getPort();
  }

  Path identity() {
    return directory.resolve("id");
  }

  Path knownHosts() {
    return directory.resolve("known_hosts");
  }

  KeyPair hostKey() {
    return hostKey;
  }

  /** How many TCP connections there have been. */
  int connections() {
    return connections.get();
  }

  /** Cuts all connections, without a word. */
  void cut() {
    server.getActiveSessions().forEach(session -> session.getIoSession().close(true));
  }

  SshOptions.Builder options() {
    return SshOptions.builder("tester@127.0.0.1:" + port())
        .identity(identity())
        .knownHosts(knownHosts())
        .withoutConfigFile();
  }

  @Override
  public void close() throws IOException {
    server.stop(true);
  }
}
