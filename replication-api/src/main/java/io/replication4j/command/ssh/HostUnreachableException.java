package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import org.jspecify.annotations.Nullable;

/** No SSH server answered in time: the host is down, or something between drops the packets. */
public final class HostUnreachableException extends ConnectionFailedException {

  HostUnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
