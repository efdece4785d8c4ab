package io.replication4j;

import org.jspecify.annotations.Nullable;

/**
 * The user may not do that on this host. Configure a privilege prefix, or delegate the permission.
 */
public final class PermissionDeniedException extends StorageException {

  public PermissionDeniedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
