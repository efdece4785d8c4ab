package io.replication4j.lvm.cow;

/**
 * The store or stream contradicts itself: a table that cannot be, or a checksum that does not fit.
 */
public final class CorruptCowException extends CowFormatException {

  public CorruptCowException(String message) {
    super(message);
  }

  @Override
  CorruptCowException in(Object store) {
    return new CorruptCowException(store + ": " + getMessage());
  }
}
