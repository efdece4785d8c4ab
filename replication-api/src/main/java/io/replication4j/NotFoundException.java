package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The filesystem or snapshot does not exist, by the word of the host that was asked. */
public final class NotFoundException extends StorageException {

  public NotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
