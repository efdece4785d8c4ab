package io.replication4j.lvm.cow;

import io.replication4j.VersionId;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;

/**
 * What changed since a snapshot was made, as a stream: the list of chunks from the snapshot's
 * store, the data from a newer snapshot.
 */
public final class CowExtract {

  private static final Set<OpenOption> OVERWRITE =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);

  private CowExtract() {}

  /**
   * Writes the stream to a file, which gets its name, or is replaced, when it is complete and on
   * disk; until then {@code NAME.incomplete} lies beside it. Into something else, such as a device
   * or a named pipe, it is written at once. Otherwise as {@link #extract(Path, Path, Optional,
   * Optional, WritableByteChannel)}.
   *
   * @throws io.replication4j.NoSpaceException if there is no room for it
   */
  public static CowStats extract(
      Path cow, Path source, Optional<VersionId> base, Optional<VersionId> target, Path output)
      throws InterruptedException {
    if (Files.exists(output) && !Files.isRegularFile(output)) {
      return extractAtOnce(cow, source, base, target, output);
    }
    Path incomplete = output.resolveSibling(output.getFileName() + ".incomplete");
    try {
      CowStats stats = extractAtOnce(cow, source, base, target, incomplete);
      Files.move(incomplete, output, StandardCopyOption.ATOMIC_MOVE);
      return stats;
    } catch (IOException e) {
      throw DeviceErrors.of("writing " + output, e);
    } finally {
      discard(incomplete);
    }
  }

  private static CowStats extractAtOnce(
      Path cow, Path source, Optional<VersionId> base, Optional<VersionId> target, Path output)
      throws InterruptedException {
    try (FileChannel file = FileChannel.open(output, OVERWRITE)) {
      if (!DeviceFile.isSeekable(output)) {
        return extract(cow, source, base, target, (WritableByteChannel) file);
      }
      try (WriteBehind out = new WriteBehind(file)) {
        CowStats stats = extract(cow, source, base, target, out);
        out.force();
        return stats;
      }
    } catch (IOException e) {
      throw DeviceErrors.of("writing " + output, e);
    }
  }

  private static void discard(Path incomplete) throws InterruptedException {
    try {
      Files.deleteIfExists(incomplete);
    } catch (IOException e) {
      throw DeviceErrors.of("removing " + incomplete, e);
    }
  }

  /**
   * Writes the stream; {@code out} stays open. The store is read past the page cache where it is a
   * device, because the kernel writes it so; only its header and table are read. The newer snapshot
   * must have been made before this is called: a chunk that changes while the table is read is then
   * either in the table, with the newer snapshot's old data, or has not changed between the two.
   *
   * @param cow the older snapshot's store: {@code /dev/mapper/…-cow}, or a file
   * @param source the newer snapshot
   * @param base the version that the older snapshot is, where it has an id
   * @param target the version that the newer snapshot is, where it has an id
   * @throws InvalidatedCowException if the older snapshot overflowed
   * @throws CowFormatException if {@code cow} is no store that can be read
   * @throws io.replication4j.NotFoundException if a file does not exist
   * @throws io.replication4j.PermissionDeniedException if it may not be read
   * @throws DeviceException if it cannot be read, or {@code out} not be written
   */
  public static CowStats extract(
      Path cow,
      Path source,
      Optional<VersionId> base,
      Optional<VersionId> target,
      WritableByteChannel out)
      throws InterruptedException {
    try (DeviceFile store = DeviceFile.openUncached(cow);
        DeviceFile volume = DeviceFile.open(source)) {
      CowGeometry geometry = geometry(store);
      ChunkSet chunks = ExceptionTable.changedChunks(geometry, Long.MAX_VALUE, store);
      long originBytes = volume.size();
      requireWithin(chunks, geometry, originBytes, source);
      StreamIdentity identity = new StreamIdentity(base, target, originBytes, chunks.size());
      return CowWriter.write(geometry, identity, chunks, volume, out);
    } catch (CowFormatException e) {
      throw e.in(cow);
    } catch (IOException e) {
      throw DeviceErrors.of("extracting the changes of " + source + " by " + cow, e);
    }
  }

  private static CowGeometry geometry(DeviceFile store) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(CowHeader.BYTES);
    try {
      store.read(0, first);
    } catch (EOFException e) {
      throw new TruncatedCowException("shorter than the header of a store");
    }
    CowHeader header = CowHeader.read(first.flip());
    if (!header.valid()) {
      throw new InvalidatedCowException(
          "marked invalid: the snapshot overflowed or failed, and what changed since is not known;"
              + " make a new snapshot and a full copy");
    }
    return header.geometry();
  }

  private static void requireWithin(
      ChunkSet chunks, CowGeometry geometry, long originBytes, Path source) {
    if (chunks.end() > geometry.chunksOf(originBytes)) {
      throw new CorruptCowException(
          "lists chunk "
              + (chunks.end() - 1)
              + ", but "
              + source
              + " has only "
              + originBytes
              + " bytes: they do not belong together, or the volume shrank");
    }
  }
}
