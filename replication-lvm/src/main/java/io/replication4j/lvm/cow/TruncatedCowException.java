package io.replication4j.lvm.cow;

/** The store or stream ends before its end. */
public final class TruncatedCowException extends CowFormatException {

  public TruncatedCowException(String message) {
    super(message);
  }

  @Override
  TruncatedCowException in(Object store) {
    return new TruncatedCowException(store + ": " + getMessage());
  }
}
