package io.replication4j.command;

import java.time.Duration;

/**
 * Waits that an interruption must not cut short, because they clean up after one; the interruption
 * is kept.
 */
final class Uninterrupted {

  @FunctionalInterface
  interface Wait {
    boolean forNanos(long nanos) throws InterruptedException;
  }

  private Uninterrupted() {}

  static boolean await(Duration longest, Wait wait) {
    long deadline = System.nanoTime() + longest.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.forNanos(deadline - System.nanoTime());
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
