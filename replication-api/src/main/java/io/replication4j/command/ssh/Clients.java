package io.replication4j.command.ssh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;

/**
 * Sets MINA's client up for streams: fast ciphers first, no delay, and no time-out but those of the
 * options.
 */
final class Clients {

  private static final Duration EVER = Duration.ofDays(365);

  /**
   * Room for what is under way on a fast line with some latency; what is not read yet is held in
   * memory.
   */
  private static final long WINDOW = 4L << 20;

  private static final long PACKET = 32L << 10;
  private static final long REKEY_BYTES = 32L << 30;

  private Clients() {}

  static SshClient start(SshOptions options, Hop hop, HostKeyCheck check, OfferedKeys offered) {
    SshClient client = ClientBuilder.builder().build();
    client.setCipherFactories(ciphers());
    client.setServerKeyVerifier(check);
    client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
    client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
    client.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
    client.setPublicKeyAuthenticationReporter(offered);
    hop.agentSocket()
        .ifPresent(socket -> client.setAgentFactory(new AgentClients(socket, offered)));
    tune(client, options);
    client.start();
    return client;
  }

  private static void tune(SshClient client, SshOptions options) {
    CoreModuleProperties.TCP_NODELAY.set(client, true);
    CoreModuleProperties.SOCKET_KEEPALIVE.set(client, true);
    CoreModuleProperties.WINDOW_SIZE.set(client, WINDOW);
    CoreModuleProperties.MAX_PACKET_SIZE.set(client, PACKET);
    CoreModuleProperties.NIO2_READ_BUFFER_SIZE.set(client, 128 << 10);
    CoreModuleProperties.REKEY_BYTES_LIMIT.set(client, REKEY_BYTES);
    CoreModuleProperties.IO_CONNECT_TIMEOUT.set(client, options.connectTimeout);
    CoreModuleProperties.AUTH_TIMEOUT.set(client, options.authTimeout);
    CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
    CoreModuleProperties.WAIT_FOR_SPACE_TIMEOUT.set(client, EVER);
    CoreModuleProperties.HEARTBEAT_REQUEST.set(client, "keepalive@openssh.com");
    CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, options.keepAlive);
    CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, 3);
    CoreModuleProperties.STOP_WAIT_TIME.set(client, Duration.ofSeconds(10));
  }

  /** AES-GCM first: processors and the JIT have instructions for it. */
  private static List<NamedFactory<Cipher>> ciphers() {
    List<NamedFactory<Cipher>> ciphers = new ArrayList<>();
    List.of(BuiltinCiphers.aes128gcm, BuiltinCiphers.aes256gcm).stream()
        .filter(BuiltinCiphers::isSupported)
        .forEach(ciphers::add);
    ClientBuilder.setUpDefaultCiphers(true).stream()
        .filter(cipher -> !ciphers.contains(cipher) && !cipher.getName().endsWith("-cbc"))
        .forEach(ciphers::add);
    return ciphers;
  }

  /**
   * All signature algorithms, those for the given key types first: a server is to show the key that
   * is known of it.
   */
  static List<NamedFactory<Signature>> preferring(Set<String> keyTypes) {
    List<NamedFactory<Signature>> factories =
        new ArrayList<>(ClientBuilder.setUpDefaultSignatureFactories(true));
    factories.sort(
        Comparator.comparing(
            factory -> !keyTypes.contains(KeyUtils.getCanonicalKeyType(factory.getName()))));
    return factories;
  }
}
