package io.replication4j.lvm.testing;

/** How a tool says no. */
final class FakeRefusal extends RuntimeException {

  private final int status;

  FakeRefusal(String words) {
    this(5, words);
  }

  FakeRefusal(int status, String words) {
    super(words);
    this.status = status;
  }

  int status() {
    return status;
  }
}
