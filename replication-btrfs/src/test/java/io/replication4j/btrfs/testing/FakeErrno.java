package io.replication4j.btrfs.testing;

/**
 * Why the kernel refuses, in the words of errno(3) in the C locale; the tools put their own before
 * it.
 */
final class FakeErrno extends RuntimeException {

  static final String NO_ENTRY = "No such file or directory";
  static final String NOT_A_DIRECTORY = "Not a directory";
  static final String EXISTS = "File exists";
  static final String NOT_EMPTY = "Directory not empty";
  static final String READ_ONLY = "Read-only file system";
  static final String INVALID = "Invalid argument";
  static final String OTHER_DEVICE = "Invalid cross-device link";

  FakeErrno(String words) {
    super(words);
  }

  String words() {
    return String.valueOf(getMessage());
  }
}
