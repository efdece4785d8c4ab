package io.replication4j;

/**
 * The storage has changed since the plan was made, and the plan does not fit any more. Nothing of
 * it was run, or nothing more: plan again.
 */
public final class StalePlanException extends ReplicationException {

  public StalePlanException(String message) {
    super(message);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
