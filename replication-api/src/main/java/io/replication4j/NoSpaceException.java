package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The storage is full, or its quota is used up. Nothing that was received counts. */
public final class NoSpaceException extends StorageException {

  public NoSpaceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
