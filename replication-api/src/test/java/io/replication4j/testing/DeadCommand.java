package io.replication4j.testing;

import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;

/**
 * A command that reads and writes nothing: it has ended already, or stands still until it is
 * closed.
 */
final class DeadCommand implements RunningCommand {

  private static final int KILLED = 137;

  private final CountDownLatch ended;
  private final int exitStatus;
  private final String errorTail;

  private DeadCommand(int exitStatus, String errorTail, int holds) {
    this.exitStatus = exitStatus;
    this.errorTail = errorTail;
    this.ended = new CountDownLatch(holds);
  }

  static DeadCommand ended(int exitStatus, String errorTail) {
    return new DeadCommand(exitStatus, errorTail, 0);
  }

  static DeadCommand hanging() {
    return new DeadCommand(KILLED, "", 1);
  }

  private void await() throws InterruptedIOException {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public OutputStream stdin() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        await();
        throw new IOException("Broken pipe (simulated)");
      }
    };
  }

  @Override
  public InputStream stdout() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        await();
        return -1;
      }
    };
  }

  @Override
  public String errorTail() {
    return errorTail;
  }

  @Override
  public int waitFor() throws InterruptedException {
    ended.await();
    return exitStatus;
  }

  @Override
  public void close() {
    ended.countDown();
  }
}
