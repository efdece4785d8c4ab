package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The path or name is not of this backend's kind: not a btrfs, not a subvolume. */
public final class WrongStorageException extends StorageException {

  public WrongStorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
