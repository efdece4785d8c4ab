package io.replication4j.command;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Threads that live as long as one command's stream does. */
final class Daemon {

  private Daemon() {}

  static Thread start(String name, Runnable work) {
    Thread thread = new Thread(work, "replication4j " + name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Waits a bounded time for the thread's end; an interruption is kept for the caller and does not
   * cut this short.
   */
  static void join(Thread thread, Duration longest) {
    Uninterrupted.await(
        longest,
        remaining -> {
          TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, remaining));
          return !thread.isAlive();
        });
  }
}
