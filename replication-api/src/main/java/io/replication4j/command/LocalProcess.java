package io.replication4j.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** A process group on this host, with its leader's streams as they are. */
final class LocalProcess implements RunningCommand {

  /**
   * How long a grandchild that outlives its parent may hold up the last words on standard error.
   */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final Process process;
  private final ProcessGroup group;
  private final ErrorTail errorTail = new ErrorTail();
  private final Thread drain;
  private volatile boolean collected;

  LocalProcess(Process process, ProcessGroup group, String verb) {
    this.process = process;
    this.group = group;
    this.drain = Daemon.start("errors of " + verb, this::drainErrors);
  }

  private void drainErrors() {
    try (InputStream stderr = process.getErrorStream()) {
      stderr.transferTo(errorTail);
    } catch (IOException e) {
      // closed under the reader: there is nothing more to hear
    }
  }

  /** Calls {@code action} once, when the leader has ended. */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing in it can fail
  void whenEnded(Runnable action) {
    process.onExit().thenRun(action);
  }

  @Override
  public OutputStream stdin() {
    return process.getOutputStream();
  }

  @Override
  public InputStream stdout() {
    return process.getInputStream();
  }

  @Override
  public String errorTail() {
    return errorTail.toString();
  }

  @Override
  public int waitFor() throws InterruptedException {
    int status = process.waitFor();
    Daemon.join(drain, LAST_WORDS);
    collected = true;
    return status;
  }

  @Override
  public void close() {
    if (!collected) {
      collected = true;
      closeQuietly(process.getInputStream()); // a writer that heeds that ends in order
      group.end();
      Daemon.join(drain, LAST_WORDS);
    }
    closeQuietly(process.getOutputStream());
    closeQuietly(process.getInputStream());
  }

  private static void closeQuietly(AutoCloseable stream) {
    try {
      stream.close();
    } catch (Exception e) {
      // a pipe to a process that is gone: nothing can be lost any more
    }
  }
}
