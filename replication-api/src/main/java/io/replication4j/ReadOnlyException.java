package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The storage is mounted or set read-only. */
public final class ReadOnlyException extends StorageException {

  public ReadOnlyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
