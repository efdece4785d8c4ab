package io.replication4j;

import org.jspecify.annotations.Nullable;

/** Something uses the object: an open file, a hold, a dependent clone. */
public final class BusyException extends StorageException {

  public BusyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
