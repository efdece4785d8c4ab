package io.replication4j.command.ssh;

import io.replication4j.command.ErrorTail;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Standard error of a remote command: takes the line that tells the process id out, and keeps the
 * tail of the rest.
 */
final class RemoteErrors extends OutputStream {

  /** A login shell's banner may come first, but not more than this. */
  private static final int SEARCHED = 64 << 10;

  private final ErrorTail tail = new ErrorTail();
  private final CompletableFuture<Long> pid = new CompletableFuture<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int searched;

  @Override
  public synchronized void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end && searching()) {
      search(bytes[at++]);
    }
    if (at < end) {
      tail.write(bytes, at, end - at);
    }
  }

  private boolean searching() {
    return !pid.isDone();
  }

  private void search(byte b) {
    searched++;
    if (b == '\n') {
      OptionalLong found = RemoteShell.pid(line.toString(StandardCharsets.US_ASCII));
      if (found.isPresent()) {
        pid.complete(found.getAsLong());
        line.reset();
        return;
      }
    }
    line.write(b);
    if (b == '\n' || searched >= SEARCHED) {
      passLine();
    }
  }

  private void passLine() {
    byte[] bytes = line.toByteArray();
    tail.write(bytes, 0, bytes.length);
    line.reset();
    if (searched >= SEARCHED) {
      finish();
    }
  }

  /** There will be no more: whoever waits for the process id need not. */
  synchronized void finish() {
    byte[] rest = line.toByteArray();
    tail.write(rest, 0, rest.length);
    line.reset();
    pid.cancel(false);
  }

  /** The remote process id; cancelled when it did not tell. */
  CompletableFuture<Long> pid() {
    return pid;
  }

  @Override
  public String toString() {
    return tail.toString();
  }
}
