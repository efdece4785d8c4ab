package io.replication4j;

/** A stream stood still for longer than the policy allows; both its commands were ended. */
public final class TransferStalledException extends ReplicationException {

  public TransferStalledException(String message) {
    super(message);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
