package io.replication4j.lvm.cow;

import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReplicationException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What an {@link IOException} means to a caller. */
final class DeviceErrors {

  private DeviceErrors() {}

  /**
   * The typed exception for it, whose message begins with {@code tried}.
   *
   * @throws InterruptedException instead, if the thread was interrupted while it read or wrote
   */
  static ReplicationException of(String tried, IOException e) throws InterruptedException {
    if (e instanceof ClosedByInterruptException) {
      Thread.interrupted(); // told by the exception from here on
      throw new InterruptedException(tried);
    }
    String message = tried + " failed: " + reason(e);
    if (e instanceof NoSuchFileException) {
      return new NotFoundException(message, e);
    }
    if (e instanceof AccessDeniedException) {
      return new PermissionDeniedException(message + "; become root, or be given it", e);
    }
    if (String.valueOf(e.getMessage()).contains("No space left on device")) { // Linux, strerror(3)
      return new NoSpaceException(message + "; make room and run it again", e);
    }
    return new DeviceException(message, e);
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + " does not exist";
    }
    if (e instanceof AccessDeniedException) {
      return "no permission for " + e.getMessage();
    }
    if (e instanceof EOFException) {
      return "it ends too early";
    }
    return String.valueOf(e.getMessage());
  }
}
