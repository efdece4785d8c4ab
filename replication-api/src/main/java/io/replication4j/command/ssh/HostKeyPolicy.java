package io.replication4j.command.ssh;

/**
 * What happens when a host's key is in no known_hosts file. A key that differs from the one there
 * is always refused.
 */
public enum HostKeyPolicy {
  /** Refuse it, with {@link HostKeyUnknownException}. The default. */
  STRICT,

  /**
   * Trust it this once and add it to the first known_hosts file. Who answers the first connection
   * is trusted for ever.
   */
  ACCEPT_NEW
}
