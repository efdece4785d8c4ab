package io.replication4j.lvm.cow;

import io.replication4j.VersionId;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What changed since a snapshot was made, as a stream: the list of chunks from the snapshot's
 * store, the data from a newer snapshot.
 */
public final class CowExtract {

  private CowExtract() {}

  /**
   * Writes the stream. The store is read past the page cache where it is a device, because the
   * kernel writes it so; only its header and table are read. The newer snapshot must have been made
   * before this is called: a chunk that changes while the table is read is then either in the table
   * or in neither version.
   *
   * @param cow the older snapshot's store: {@code /dev/mapper/…-cow}, or a file
   * @param source the newer snapshot
   * @throws InvalidatedCowException if the older snapshot overflowed
   * @throws CowFormatException if {@code cow} is no store that can be read
   * @throws DeviceException if a file or device cannot be read, or {@code out} not be written
   */
  public static CowStats extract(
      Path cow,
      Path source,
      Optional<VersionId> base,
      Optional<VersionId> target,
      WritableByteChannel out)
      throws InterruptedException {
    throw new UnsupportedOperationException();
  }
}
