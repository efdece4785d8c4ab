package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import io.replication4j.command.SshDestination;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;

/** Tells from what went wrong what to do. */
final class ConnectFailure {

  private ConnectFailure() {}

  /** Why no TCP connection came about. */
  static ConnectionFailedException ofConnect(
      SshDestination to, String tried, SshOptions options, Throwable cause) {
    String what = "connecting to " + to + tried + " failed: ";
    if (isTimeout(cause)) {
      return new HostUnreachableException(
          what
              + "no answer within "
              + options.connectTimeout
              + " (is the host up, and does a firewall let port "
              + to.port()
              + " pass?)",
          cause);
    }
    if (find(cause, ConnectException.class).filter(ConnectFailure::isRefusal).isPresent()) {
      return new ConnectionRefusedException(
          what
              + "connection refused (nothing listens on that port: is the SSH server running, and is the port right?)",
          cause);
    }
    if (find(cause, NoRouteToHostException.class).isPresent()
        || message(cause).contains("unreachable")) {
      return new HostUnreachableException(
          what + message(cause) + " (is the host up, and is there a route to it?)", cause);
    }
    return new ConnectionFailedException(what + message(cause), cause);
  }

  /** Why a connection was not let in. */
  static ConnectionFailedException ofLogin(
      SshDestination to, OfferedKeys keys, SshOptions options, String trouble, Throwable cause) {
    if (isRejection(cause)) {
      return new AuthenticationFailedException(
          "logging in as "
              + to
              + " failed: "
              + message(cause)
              + "; "
              + keys.describe()
              + " (add one of these public keys to "
              + "~/.ssh/authorized_keys of "
              + to.user()
              + " there, or name another identity or user)",
          cause);
    }
    if (isTimeout(cause)) {
      return new HostUnreachableException(
          "logging in as "
              + to
              + " failed: the server accepted the connection, but key exchange and log-in were not over within "
              + options.authTimeout
              + " (is it an SSH server, and is it overloaded?)",
          cause);
    }
    return new ConnectionFailedException(
        "logging in as "
            + to
            + " failed: the connection was closed: "
            + (trouble.isEmpty() ? message(cause) : trouble)
            + " (is it an SSH server? does its log say why?)",
        cause);
  }

  private static boolean isRefusal(ConnectException e) {
    return message(e).toLowerCase(Locale.ROOT).contains("refused");
  }

  private static boolean isRejection(Throwable cause) {
    int code = find(cause, SshException.class).map(SshException::getDisconnectCode).orElse(0);
    return code == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
        || message(cause).contains("Too many authentication failures");
  }

  private static boolean isTimeout(Throwable cause) {
    return find(cause, TimeoutException.class).isPresent()
        || find(cause, SocketTimeoutException.class).isPresent()
        || message(cause).contains("timed out");
  }

  /** The first of that type among {@code from} and its causes. */
  static <T extends Throwable> Optional<T> find(Throwable from, Class<T> type) {
    for (Throwable cause = from; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }

  static String message(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
