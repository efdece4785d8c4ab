package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.spi.KeptWindows;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * What an interrupted stream has left of a whole image, or of an increment. Used by one thread, but
 * for {@link #close}.
 */
final class PartImage implements AutoCloseable {

  private final StorageBackend backend;
  private final ImageCommands commands;
  private final FilesystemName image;
  private final VersionId id;
  private final LongConsumer found;
  private Optional<KeptWindows> windows = Optional.empty();
  private boolean closed;

  /**
   * @param found hears of bytes that need not be moved
   */
  PartImage(
      StorageBackend backend,
      ImageCommands commands,
      FilesystemName image,
      VersionId id,
      LongConsumer found) {
    this.backend = backend;
    this.commands = commands;
    this.image = image;
    this.id = id;
    this.found = found;
  }

  /** Writes what differs of an image that has so many bytes. */
  VolumeWriter image(OutputStream out, long bytes) throws IOException {
    return new KeptImage(windows(commands.kept(image, id, bytes)), found, out, bytes);
  }

  /** Writes what differs of an increment, for an image that has so many bytes. */
  SpoolWriter spool(OutputStream out, long bytes) throws IOException {
    return new SpoolWriter(windows(commands.keptSpool(image, id)), found, out, bytes);
  }

  private KeptWindows windows(Command command) throws IOException {
    try {
      KeptWindows started = KeptWindows.of(backend, command);
      opened(started);
      return started;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before what was kept is compared");
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
}
