package io.replication4j.lvm.cow;

/** A store of another version, or with a chunk size that no kernel uses. */
public final class UnsupportedCowException extends CowFormatException {

  public UnsupportedCowException(String message) {
    super(message);
  }

  @Override
  UnsupportedCowException in(Object store) {
    return new UnsupportedCowException(store + ": " + getMessage());
  }
}
