package io.replication4j.command;

import io.replication4j.ReplicationException;
import org.jspecify.annotations.Nullable;

/** The host could not be reached or did not let us in. Nothing was run. */
public class ConnectionFailedException extends ReplicationException {

  public ConnectionFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
