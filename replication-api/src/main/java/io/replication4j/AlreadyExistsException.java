package io.replication4j;

import org.jspecify.annotations.Nullable;

/** Something of that name exists. */
public final class AlreadyExistsException extends StorageException {

  public AlreadyExistsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
