package io.replication4j.lvm.cow;

/** This is something else: the magic number of a copy-on-write store is not there. */
public final class NotCowException extends CowFormatException {

  public NotCowException(String message) {
    super(message);
  }

  @Override
  NotCowException in(Object store) {
    return new NotCowException(store + ": " + getMessage());
  }
}
