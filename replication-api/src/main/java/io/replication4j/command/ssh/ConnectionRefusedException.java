package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import org.jspecify.annotations.Nullable;

/**
 * The host answered that nothing listens on the port. Start its SSH server, or name another port.
 */
public final class ConnectionRefusedException extends ConnectionFailedException {

  ConnectionRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
