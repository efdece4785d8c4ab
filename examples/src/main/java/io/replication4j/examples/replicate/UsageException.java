package io.replication4j.examples.replicate;

/** What was typed cannot be meant. */
final class UsageException extends RuntimeException {

  UsageException(IllegalArgumentException cause) {
    super(cause.getMessage(), cause);
  }
}
