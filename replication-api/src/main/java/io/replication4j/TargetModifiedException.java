package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The target was written to since the base; the storage itself refused the stream. */
public final class TargetModifiedException extends StorageException {

  public TargetModifiedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
