package io.replication4j.lvm;

import io.replication4j.lvm.cow.StreamIdentity;
import io.replication4j.spi.KeptWindows;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * What an interrupted stream has left of a volume, or of a store, on its host. Used by one thread,
 * but for {@link #close}.
 */
final class Kept implements AutoCloseable {

  private final StorageBackend backend;
  private final LogicalVolume volume;
  private final LongConsumer found;
  private Optional<KeptWindows> windows = Optional.empty();
  private boolean closed;

  /**
   * @param found hears of bytes that need not be moved
   */
  Kept(StorageBackend backend, LogicalVolume volume, LongConsumer found) {
    this.backend = backend;
    this.volume = volume;
    this.found = found;
  }

  /**
   * If it is a part of what the stream brings; else it gives way.
   *
   * @param bytes that the volume has to have at least
   * @param tags that say what the volume is besides its version
   */
  static Optional<Kept> useful(
      Optional<Kept> kept, StreamIdentity identity, long bytes, List<String> tags)
      throws IOException {
    if (kept.isPresent() && !kept.get().isOf(identity, bytes, tags)) {
      kept.get().remove();
      return Optional.empty();
    }
    return kept;
  }

  private boolean isOf(StreamIdentity identity, long bytes, List<String> tags) {
    List<String> has = Tags.having(volume.tags(), "base", "chunk", "bytes", "exceptions");
    boolean fits = tags.isEmpty() ? volume.bytes() == bytes : volume.bytes() >= bytes;
    return fits
        && volume.id().equals(identity.target())
        && has.stream().sorted().toList().equals(tags.stream().sorted().toList());
  }

  private void remove() throws InterruptedIOException {
    try {
      backend.runOrFail(
          LvmCommands.removeStray(volume.volume(), volume.id().orElseThrow()), backend.runner());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** Writes what differs of a volume's content. */
  VolumeWriter image(OutputStream out, long bytes) throws InterruptedIOException {
    return new KeptImage(windows(bytes), found, out, bytes);
  }

  /** Writes what differs of a store that is so long. */
  VolumeWriter store(OutputStream out, long length) throws InterruptedIOException {
    return new KeptStore(windows(length), found, out, length);
  }

  private KeptWindows windows(long bytes) throws InterruptedIOException {
    try {
      KeptWindows started = KeptWindows.of(backend, LvmCommands.kept(volume.volume(), bytes));
      opened(started);
      return started;
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private synchronized void opened(KeptWindows started) {
    windows = Optional.of(started);
    if (closed) {
      started.close();
    }
  }

  /** Ends what still reads it. */
  @Override
  public synchronized void close() {
    closed = true;
    windows.ifPresent(KeptWindows::close);
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted before what was kept is compared");
  }
}
