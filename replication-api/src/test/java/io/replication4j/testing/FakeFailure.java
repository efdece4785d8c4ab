package io.replication4j.testing;

/**
 * How a fake command fails: its exit status, by which {@link FakeStorage} knows the type, and what
 * it says.
 */
final class FakeFailure extends Exception {

  static final int NOT_FOUND = 10;
  static final int EXISTS = 11;
  static final int MODIFIED = 12;
  static final int BUSY = 13;
  static final int NO_SPACE = 14;
  static final int INCOMPLETE = 15;
  static final int USAGE = 2;

  final int exitStatus;

  FakeFailure(int exitStatus, String message) {
    super(message);
    this.exitStatus = exitStatus;
  }
}
