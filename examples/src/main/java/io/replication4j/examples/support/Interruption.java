package io.replication4j.examples.support;

import java.time.Duration;

/**
 * Turns Ctrl-C (and a plain kill) into an interrupt of the thread that works, and keeps the JVM alive until that
 * thread has cleaned up: both ends of a stream ended, what was mounted unmounted. The JVM's exit status then is
 * the shell's usual one: 130 after Ctrl-C.
 */
public final class Interruption implements AutoCloseable {

  private final Thread worker = Thread.currentThread();
  private final Thread hook;
  private final Duration patience;
  private volatile boolean requested;
  private volatile boolean finished;

  /** Watches for the present thread, which has {@code patience} to clean up. */
  public Interruption(Duration patience) {
    this.patience = patience;
    this.hook = new Thread(this::interruptAndWait, "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void interruptAndWait() {
    if (finished) {
      return;
    }
    requested = true;
    worker.interrupt();
    try {
      worker.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the JVM is about to end anyway
    }
  }

  /**
   * Ends the JVM with {@code status}, or, when it is ending already, lets the present thread end: the JVM waits
   * for that.
   */
  public void exit(int status) {
    close();
    if (!requested) {
      System.exit(status);
    }
  }

  /** Whether somebody wants this to end. */
  public boolean isRequested() {
    return requested;
  }

  /** Stops watching. */
  @Override
  public void close() {
    finished = true;
  }
}
