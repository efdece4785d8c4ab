package io.replication4j.command.ssh;

import io.replication4j.command.ErrorTail;
import io.replication4j.command.ssh.RemoteShell.Greeting;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** Standard error of a remote command: takes the greeting out, and keeps the tail of the rest. */
final class RemoteErrors extends OutputStream {

  /** A login shell's banner may come first, but not more than this. */
  private static final int SEARCHED = 64 << 10;

  private final ErrorTail tail = new ErrorTail();
  private final CompletableFuture<Greeting> greeting = new CompletableFuture<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final LongConsumer uptime;
  private int searched;

  /**
   * @param uptime hears that of the host, in seconds, if the greeting tells it
   */
  RemoteErrors(LongConsumer uptime) {
    this.uptime = uptime;
  }

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
    return !greeting.isDone();
  }

  private void search(byte b) {
    searched++;
    if (b == '\n') {
      Optional<Greeting> found = RemoteShell.greeting(line.toString(StandardCharsets.US_ASCII));
      if (found.isPresent()) {
        found.get().uptime().ifPresent(uptime);
        greeting.complete(found.get());
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

  /** There will be no more: whoever waits for the greeting need not. */
  synchronized void finish() {
    byte[] rest = line.toByteArray();
    tail.write(rest, 0, rest.length);
    line.reset();
    greeting.cancel(false);
  }

  /** What the remote command said first; cancelled when it did not. */
  CompletableFuture<Greeting> greeting() {
    return greeting;
  }

  @Override
  public String toString() {
    return tail.toString();
  }
}
