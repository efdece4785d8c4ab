package io.replication4j.lvm.cow;

import io.replication4j.ReplicationException;

/** What was read is not a copy-on-write store that can be used; the subclasses say why. */
public abstract sealed class CowFormatException extends ReplicationException
    permits NotCowException,
        UnsupportedCowException,
        InvalidatedCowException,
        TruncatedCowException,
        CorruptCowException {

  protected CowFormatException(String message) {
    super(message);
  }

  /** The same, naming the file or device that it is about. */
  abstract CowFormatException in(Object store);
}
