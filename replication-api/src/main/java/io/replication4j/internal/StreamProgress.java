package io.replication4j.internal;

import io.replication4j.FilesystemName;
import io.replication4j.SyncListener;
import io.replication4j.SyncStep.Send;
import io.replication4j.TransferProgress;
import io.replication4j.spi.StorageBackend;
import java.time.Duration;
import java.util.Optional;

/** Tells a listener how far a stream has come. Thread-safe, if the listener is. */
final class StreamProgress implements StreamTransfer.Progress {

  private final String name;
  private final SyncListener listener;
  private final long start = System.nanoTime();
  private volatile Optional<Long> whole;

  /**
   * Asks the source for an estimate, if anybody listens.
   *
   * @param name of the pair, or of what is sent
   */
  @SuppressWarnings("ReferenceEquality") // NONE is one object
  StreamProgress(
      String name, SyncListener listener, StorageBackend source, FilesystemName root, Send send)
      throws InterruptedException {
    this.name = name;
    this.listener = listener;
    this.whole = listener == SyncListener.NONE ? Optional.empty() : source.estimate(root, send);
  }

  /** So long it is. */
  void length(long bytes) {
    whole = Optional.of(bytes);
  }

  @Override
  public void at(long bytes, long found) {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    listener.progress(new TransferProgress(name, bytes, found, whole, elapsed));
  }
}
