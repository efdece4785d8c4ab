package io.replication4j.command;

import io.replication4j.ReplicationException;
import org.jspecify.annotations.Nullable;

/**
 * The host has no such program, or not on the path of this user. Install it, or name a privilege
 * prefix that finds it.
 */
public final class CommandNotFoundException extends ReplicationException {

  public CommandNotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
