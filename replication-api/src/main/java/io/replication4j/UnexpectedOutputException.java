package io.replication4j;

import org.jspecify.annotations.Nullable;

/** A tool printed what its parser cannot read. Nothing of that output was used. */
public final class UnexpectedOutputException extends StorageException {

  public UnexpectedOutputException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
