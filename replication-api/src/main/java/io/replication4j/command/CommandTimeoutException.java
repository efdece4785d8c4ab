package io.replication4j.command;

import io.replication4j.ReplicationException;
import org.jspecify.annotations.Nullable;

/** A command took longer than its timeout, and was ended with all its children. */
public final class CommandTimeoutException extends ReplicationException {

  public CommandTimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
