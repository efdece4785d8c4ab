package io.replication4j.command;

import static java.util.Objects.requireNonNull;

/**
 * Where an SSH server listens, and as whom to log in: what {@code ssh -p PORT USER@HOST} takes.
 *
 * @param user the login name
 * @param host a name or address, as the connecting side resolves it; an IPv6 address without
 *     brackets
 * @param port a TCP port
 */
public record SshDestination(String user, String host, int port) {

  public SshDestination {
    checkWord(requireNonNull(user, "user"), "user");
    checkWord(requireNonNull(host, "host"), "host");
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port must be between 1 and 65535: " + port);
    }
  }

  private static void checkWord(String word, String what) {
    boolean odd = word.isEmpty() || word.startsWith("-") || word.contains("@");
    if (odd || word.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new IllegalArgumentException("ssh " + what + ": '" + word + "'");
    }
  }

  /** {@code user@host}, with {@code :port} where it is not 22, and an IPv6 address in brackets. */
  @Override
  public String toString() {
    String bracketed = host.contains(":") ? "[" + host + "]" : host;
    return user + "@" + bracketed + (port == 22 ? "" : ":" + port);
  }
}
