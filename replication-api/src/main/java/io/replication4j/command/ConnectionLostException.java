package io.replication4j.command;

import io.replication4j.ReplicationException;
import org.jspecify.annotations.Nullable;

/**
 * The connection to the host broke. Whether the command under way finished is not known: look
 * again.
 */
public final class ConnectionLostException extends ReplicationException {

  public ConnectionLostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
