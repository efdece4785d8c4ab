package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The stream ended without an error, but the target does not hold what was sent. */
public final class IncompleteTransferException extends StorageException {

  public IncompleteTransferException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
