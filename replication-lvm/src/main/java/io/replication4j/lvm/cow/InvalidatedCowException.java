package io.replication4j.lvm.cow;

/**
 * The kernel gave the snapshot up (it overflowed, or its device failed): nobody knows any more what
 * changed since it was made.
 */
public final class InvalidatedCowException extends CowFormatException {

  public InvalidatedCowException(String message) {
    super(message);
  }

  @Override
  InvalidatedCowException in(Object store) {
    return new InvalidatedCowException(store + ": " + getMessage());
  }
}
