package io.replication4j;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong with storage, a command or a connection. The message says what was tried, on
 * which object and host, what came back, and the next move. Programming errors are {@link
 * IllegalArgumentException} and {@link IllegalStateException}.
 */
public abstract class ReplicationException extends RuntimeException {

  protected ReplicationException(String message) {
    super(message);
  }

  protected ReplicationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Whether the same call may succeed later without anyone changing anything: a connection that
   * broke, a stream that stalled. False where a person or the host application has to act first.
   */
  public boolean isRetryable() {
    return false;
  }
}
