package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The tool or the storage on this host is too old, or has not the feature that is asked for. */
public final class UnsupportedException extends StorageException {

  public UnsupportedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
