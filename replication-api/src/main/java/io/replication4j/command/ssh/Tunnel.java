package io.replication4j.command.ssh;

import io.replication4j.command.SshDestination;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.apache.sshd.common.util.net.SshdSocketAddress;

/**
 * A port of this machine's loopback interface that leads to a server behind a session. It listens
 * only until it is closed; what was connected through it by then stays connected.
 */
final class Tunnel implements AutoCloseable {

  private final Session session;
  private final SshdSocketAddress bound;

  private Tunnel(Session session, SshdSocketAddress bound) {
    this.session = session;
    this.bound = bound;
  }

  static Tunnel open(Session session, SshDestination target) throws IOException {
    SshdSocketAddress any = new SshdSocketAddress(SshdSocketAddress.LOCALHOST_IPV4, 0);
    SshdSocketAddress exit = new SshdSocketAddress(target.host(), target.port());
    return new Tunnel(session, session.session().startLocalPortForwarding(any, exit));
  }

  InetSocketAddress entrance() {
    return bound.toInetSocketAddress();
  }

  @Override
  public void close() throws IOException {
    session.session().stopLocalPortForwarding(bound);
  }
}
