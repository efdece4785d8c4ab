package io.replication4j.command;

import io.replication4j.ReplicationException;

/**
 * A command ended with a status other than 0, for a reason that has no type of its own. The message
 * holds the command, the host, the status and the tail of standard error.
 */
public final class CommandFailedException extends ReplicationException {

  private final int exitStatus;

  public CommandFailedException(String message, int exitStatus) {
    super(message);
    this.exitStatus = exitStatus;
  }

  public int exitStatus() {
    return exitStatus;
  }
}
