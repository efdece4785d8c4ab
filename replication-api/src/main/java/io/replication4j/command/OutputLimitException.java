package io.replication4j.command;

import io.replication4j.ReplicationException;
import org.jspecify.annotations.Nullable;

/** A command printed more than it may; it was ended, and what it printed was thrown away. */
public final class OutputLimitException extends ReplicationException {

  public OutputLimitException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
