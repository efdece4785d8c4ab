package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import io.replication4j.command.SshDestination;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntry;
import org.apache.sshd.client.future.ConnectFuture;
import org.apache.sshd.client.session.ClientSession;
import org.jspecify.annotations.Nullable;

/**
 * Makes sessions with one server, directly or by way of another link. Not thread-safe: its pool
 * takes turns.
 */
final class Link implements AutoCloseable {

  private final Hop hop;
  private final SshOptions options;
  private final Optional<Link> via;
  private final OfferedKeys offered = new OfferedKeys();
  private final IdentityFiles identities;
  private final HostKeyCheck check;
  private @Nullable SshClient client;
  private @Nullable Session carrier;

  private Link(Hop hop, SshOptions options, Optional<Link> via) {
    this.hop = hop;
    this.options = options;
    this.via = via;
    this.identities = new IdentityFiles(hop.identities(), options.passphrases, offered);
    this.check = new HostKeyCheck(hop, options.hostKeyPolicy);
  }

  /** The link to the last server of the route. */
  static Link along(List<Hop> route, SshOptions options) {
    Optional<Link> link = Optional.empty();
    for (Hop hop : route) {
      link = Optional.of(new Link(hop, options, link));
    }
    return link.orElseThrow();
  }

  SshDestination destination() {
    return hop.destination();
  }

  /** A new session, logged in. */
  Session open() throws InterruptedException {
    SshClient started = started();
    offered.clear();
    started.setSignatureFactories(Clients.preferring(check.known().keyTypes()));
    return via.isPresent() ? openThrough(via.get(), started) : login(connect(started));
  }

  private SshClient started() {
    SshClient started = client;
    if (started == null) {
      started = Clients.start(options, hop, check, offered);
      client = started;
    }
    return started;
  }

  private ClientSession connect(SshClient started) throws InterruptedException {
    @Nullable ConnectionFailedException first = null;
    InetAddress[] addresses = resolve();
    for (InetAddress address : addresses) {
      try {
        return connect(started, new InetSocketAddress(address, destination().port()));
      } catch (IOException e) {
        checkInterrupt(e);
        String tried =
            address.getHostAddress().equals(destination().host())
                ? ""
                : " (" + address.getHostAddress() + ")";
        ConnectionFailedException failure =
            ConnectFailure.ofConnect(destination(), tried, options, e);
        first = first == null ? failure : first;
      }
    }
    throw first == null
        ? new IllegalStateException("no address in " + Arrays.toString(addresses))
        : first;
  }

  private InetAddress[] resolve() {
    try {
      return InetAddress.getAllByName(destination().host());
    } catch (UnknownHostException e) {
      throw new HostNotFoundException(
          "connecting to "
              + destination()
              + " failed: no address is known for '"
              + destination().host()
              + "' (check the name, or add it to DNS, /etc/hosts or ~/.ssh/config)",
          e);
    }
  }

  private ClientSession connect(SshClient started, InetSocketAddress address) throws IOException {
    HostConfigEntry entry =
        new HostConfigEntry(
            "",
            address.getAddress().getHostAddress(),
            address.getPort(),
            destination().user(),
            null);
    entry.setIdentitiesOnly(true);
    ConnectFuture future = started.connect(entry, null, null);
    try {
      return future.verify(options.connectTimeout.plus(Duration.ofSeconds(1))).getSession();
    } catch (IOException e) {
      future.cancel();
      throw e;
    }
  }

  private Session openThrough(Link jump, SshClient started) throws InterruptedException {
    try (Tunnel tunnel = Tunnel.open(jump.carrier(), destination())) {
      return login(connect(started, tunnel.entrance()));
    } catch (IOException e) {
      checkInterrupt(e);
      throw ConnectFailure.ofConnect(destination(), " by way of " + jump.destination(), options, e);
    }
  }

  /** The session that carries the tunnels to the servers behind this one. */
  private Session carrier() throws InterruptedException {
    Session session = carrier;
    if (session == null || !session.isOpen()) {
      session = open();
      carrier = session;
    }
    return session;
  }

  private Session login(ClientSession connected) throws InterruptedException {
    Session session = new Session(connected);
    try {
      identities.load().forEach(session.session()::addPublicKeyIdentity);
      session.session().auth().verify(options.authTimeout);
      return session;
    } catch (IOException | RuntimeException e) {
      session.close();
      checkInterrupt(e);
      throw check
          .takeRefusal()
          .orElseGet(
              () ->
                  ConnectFailure.ofLogin(
                      destination(), offered, options, viaText() + session.trouble(), e));
    }
  }

  private String viaText() {
    return via.map(jump -> "(by way of " + jump.destination() + ") ").orElse("");
  }

  private static void checkInterrupt(Exception e) throws InterruptedException {
    if (e instanceof InterruptedIOException && !(e instanceof java.net.SocketTimeoutException)) {
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("interrupted while connecting");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.stop();
      client = null;
    }
    via.ifPresent(Link::close);
  }
}
