package io.replication4j.examples.retry;

import io.replication4j.Conflict;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncReport;
import java.time.Duration;

/** What a host application does when a sync fails, or must not go on. */
public final class RetryingSync {

  private RetryingSync() {}

  /** Tries again what may go well by itself; the rest is for a person to read. */
  public static SyncReport sync(ReplicationPair pair, int attempts, Duration pause)
      throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        SyncReport report = pair.sync(SyncListener.NONE); // repairs what the last one left
        report.conflict().map(Conflict::message).ifPresent(System.err::println); // nothing changed
        return report;
      } catch (ReplicationException e) {
        if (!e.isRetryable() || attempt == attempts) {
          throw e; // its message says what was tried, where, what came back, and the next move
        }
        Thread.sleep(pause.toMillis());
      }
    }
  }
}
