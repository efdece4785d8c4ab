package io.replication4j.command.ssh;

import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.session.SessionListener;

/**
 * A session, how many channels it carries, and what went wrong with it. The counts are guarded by
 * the pool.
 */
final class Session implements SessionListener {

  /**
   * OpenSSH admits ten channels (MaxSessions in sshd_config(5)); one stays free for ending the
   * others' commands.
   */
  private static final int CHANNELS = 9;

  private final ClientSession session;
  private volatile String trouble = "";
  private int channels;
  private int capacity = CHANNELS;

  Session(ClientSession session) {
    this.session = session;
    session.addSessionListener(this);
  }

  ClientSession session() {
    return session;
  }

  boolean isOpen() {
    return session.isOpen() && !session.isClosing();
  }

  /** What the peer or the network said last, or nothing. */
  String trouble() {
    return trouble;
  }

  boolean isIdle() {
    return channels == 0;
  }

  boolean take() {
    if (channels >= capacity) {
      return false;
    }
    channels++;
    return true;
  }

  void giveBack() {
    channels--;
  }

  /**
   * The server admits no more channels than there are besides the one that it refused; returns
   * whether there are any.
   */
  boolean refusedOne() {
    channels--;
    capacity = channels;
    return capacity > 0;
  }

  void close() {
    session.close(true);
  }

  @Override
  public void sessionException(org.apache.sshd.common.session.Session failed, Throwable cause) {
    trouble = ConnectFailure.message(cause);
  }

  @Override
  public void sessionDisconnect(
      org.apache.sshd.common.session.Session ended,
      int reason,
      String message,
      String language,
      boolean initiator) {
    trouble = message;
  }
}
