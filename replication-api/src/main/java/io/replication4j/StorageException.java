package io.replication4j;

import org.jspecify.annotations.Nullable;

/** The storage refused, for a reason that the subclasses name. */
public abstract sealed class StorageException extends ReplicationException
    permits NotFoundException,
        AlreadyExistsException,
        WrongStorageException,
        PermissionDeniedException,
        NoSpaceException,
        ReadOnlyException,
        BusyException,
        TargetModifiedException,
        UnsupportedException,
        UnexpectedOutputException,
        IncompleteTransferException {

  protected StorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
