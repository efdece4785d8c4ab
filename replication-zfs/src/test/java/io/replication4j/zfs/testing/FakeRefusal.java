package io.replication4j.zfs.testing;

import io.replication4j.testing.FakeProcess;

/** How the real tool refuses: its status, and its words on standard error. */
final class FakeRefusal extends RuntimeException {

  private final int status;

  FakeRefusal(String words) {
    this(1, words);
  }

  FakeRefusal(int status, String words) {
    super(words);
    this.status = status;
  }

  int status() {
    return status;
  }

  String words() {
    return String.valueOf(getMessage());
  }

  FakeProcess.End end() {
    return new FakeProcess.End(status, words());
  }

  static FakeRefusal noDataset(String name) {
    return new FakeRefusal("cannot open '" + name + "': dataset does not exist");
  }
}
