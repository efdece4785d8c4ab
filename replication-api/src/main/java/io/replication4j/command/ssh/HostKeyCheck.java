package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import java.io.IOException;
import java.net.SocketAddress;
import java.security.PublicKey;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a server in only with a key that the known_hosts files have for it; remembers why it did
 * not.
 */
final class HostKeyCheck implements ServerKeyVerifier {

  private static final Logger LOG = LoggerFactory.getLogger(HostKeyCheck.class);

  private final Hop hop;
  private final KnownHosts known;
  private final HostKeyPolicy policy;
  private final AtomicReference<Optional<ConnectionFailedException>> refusal =
      new AtomicReference<>(Optional.empty());

  HostKeyCheck(Hop hop, HostKeyPolicy policy) {
    this.hop = hop;
    this.known = new KnownHosts(hop.destination(), hop.knownHosts());
    this.policy = policy;
  }

  KnownHosts known() {
    return known;
  }

  /** Why the last key was refused, if it was; asked once. */
  Optional<ConnectionFailedException> takeRefusal() {
    return refusal.getAndSet(Optional.empty());
  }

  @Override
  public boolean verifyServerKey(ClientSession session, SocketAddress address, PublicKey key) {
    Optional<ConnectionFailedException> verdict = judge(key);
    refusal.set(verdict);
    return verdict.isEmpty();
  }

  private Optional<ConnectionFailedException> judge(PublicKey key) {
    try {
      return switch (known.judge(key)) {
        case KNOWN -> Optional.empty();
        case UNKNOWN ->
            policy == HostKeyPolicy.ACCEPT_NEW ? accept(key) : Optional.of(unknown(key));
        case CHANGED -> Optional.of(changed(key));
        case REVOKED -> Optional.of(revoked(key));
      };
    } catch (IOException | IllegalStateException e) {
      return Optional.of(
          new ConnectionFailedException(
              "the host key of "
                  + hop.destination()
                  + " could not be checked: "
                  + e.getMessage()
                  + " (repair that file)",
              e));
    }
  }

  private Optional<ConnectionFailedException> accept(PublicKey key) throws IOException {
    known.add(key);
    LOG.warn(
        "{} answered with {} and is trusted from now on: added to {}",
        hop.destination(),
        describe(key),
        known.firstFile());
    return Optional.empty();
  }

  private HostKeyUnknownException unknown(PublicKey key) {
    int port = hop.destination().port();
    String portOption = port == 22 ? "" : "-p " + port + " ";
    return new HostKeyUnknownException(
        "the key of "
            + hop.destination()
            + " is not known: it answered with "
            + describe(key)
            + ", and none of "
            + hop.knownHosts()
            + " names "
            + known.name()
            + " (compare the fingerprint with the one on that host, then: ssh-keyscan "
            + portOption
            + hop.destination().host()
            + " >> "
            + known.firstFile()
            + "; or log in once with: ssh "
            + portOption
            + hop.destination().user()
            + "@"
            + hop.destination().host()
            + ")",
        null);
  }

  private HostKeyChangedException changed(PublicKey key) {
    return new HostKeyChangedException(
        "the key of "
            + hop.destination()
            + " has changed: it answered with "
            + describe(key)
            + ", which is not the key that "
            + known.fileWithEntry().orElse(known.firstFile())
            + " has for "
            + known.name()
            + ". Somebody may be listening in, or the host was set up anew (find out; if it is right: ssh-keygen -R '"
            + known.name()
            + "' -f "
            + known.fileWithEntry().orElse(known.firstFile())
            + " and add the new key)",
        null);
  }

  private HostKeyChangedException revoked(PublicKey key) {
    return new HostKeyChangedException(
        "the key of "
            + hop.destination()
            + " is revoked: it answered with "
            + describe(key)
            + ", which is marked @revoked in "
            + hop.knownHosts()
            + " (that host needs a new key)",
        null);
  }

  private static String describe(PublicKey key) {
    return KeyUtils.getKeyType(key) + " " + KeyUtils.getFingerPrint(key);
  }
}
