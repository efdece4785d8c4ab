package io.replication4j.lvm.cow;

import io.replication4j.BusyException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Applies streams to a file or block device.
 *
 * <p>Nothing is written to the destination before the whole stream has arrived, was checked and
 * lies on disk, as a journal: {@code .NAME.merge-BYTES-CRC.cow}. A kill or power loss before that
 * moment leaves the old content; after it, {@link #finish}, or the next merge, writes the new one
 * to its end, however often that is interrupted. The destination is between two versions only while
 * a merge writes, or waits to be finished; programs that have it open see that.
 *
 * <p>A journal lies beside a file, and for a device in {@code /var/lib/replication4j}, where a
 * device that is not the device mapper's should always be given by the same path. It needs as much
 * room as the stream; a stream in a file of the same filesystem is linked instead of copied, and
 * must not be written to until the merge has ended well. Instances are immutable; two merges into
 * one destination at a time are refused.
 */
public final class CowMerge {

  private final Path destination;
  private final Optional<Path> journals;
  private final boolean atomic;

  private CowMerge(Path destination, Optional<Path> journals, boolean atomic) {
    this.destination = destination;
    this.journals = journals;
    this.atomic = atomic;
  }

  /** Merges into that file or device, which must exist and be as large as the stream's origin. */
  public static CowMerge into(Path destination) {
    return new CowMerge(destination, Optional.empty(), true);
  }

  /** The same, with the journal in that directory, which must be on a disk and exist. */
  public CowMerge journalIn(Path directory) {
    return new CowMerge(destination, Optional.of(directory), atomic);
  }

  /**
   * The same without a journal: half the writing; but whatever ends it early, a damaged or cut-off
   * stream from a pipe included, leaves a destination between two versions, which only a full copy
   * or the same stream again repairs.
   */
  public CowMerge nonAtomic() {
    return new CowMerge(destination, journals, false);
  }

  /**
   * Applies the stream in that file or device, which was checked as a whole before. When this
   * returns, the content is on disk. A named pipe is read as {@link #merge(ReadableByteChannel)}.
   *
   * @throws CowFormatException if the stream is none, or damaged; the destination is as before
   * @throws io.replication4j.NoSpaceException if the destination is too small, or the journal has
   *     no room; the destination is as before, unless it is a sparse file that ran out of space
   * @throws BusyException if the device is mounted or part of another one, or another merge into
   *     the destination runs
   * @throws io.replication4j.ReplicationException if a file cannot be read or written
   */
  public CowStats merge(Path stream) throws InterruptedException {
    try (FileChannel in = FileChannel.open(stream, StandardOpenOption.READ)) {
      return DeviceFile.isSeekable(stream) ? merge(stream, in) : merge(in);
    } catch (IOException e) {
      throw DeviceErrors.of("reading " + stream, e);
    }
  }

  private CowStats merge(Path stream, FileChannel in) throws InterruptedException {
    try (Destination target = open()) {
      Content content = check(stream, in, target);
      if (!atomic) {
        return applyFile(new Beginning(in.position(0), content.streamBytes()), target);
      }
      Journal journal = Journal.of(destination, journals);
      finish(journal, target);
      return apply(journal, journal.link(stream, in, content), target);
    } catch (IOException e) {
      throw DeviceErrors.of("merging " + stream + " into " + destination, e);
    }
  }

  /**
   * Applies a stream as it comes; {@code in} stays open, read to its end. As {@link #merge(Path)}
   * otherwise, but without a journal the stream cannot be checked before it is applied.
   */
  public CowStats merge(ReadableByteChannel in) throws InterruptedException {
    try (Destination target = open()) {
      if (!atomic) {
        CowStats stats = apply(in, target);
        CowReader.drain(in);
        return stats;
      }
      Journal journal = Journal.of(destination, journals);
      finish(journal, target);
      Path stream = journal.spool(in, target.check());
      CowReader.drain(in);
      return apply(journal, stream, target);
    } catch (IOException e) {
      throw DeviceErrors.of("merging into " + destination, e);
    }
  }

  /**
   * Finishes a merge that was interrupted while it wrote. What it wrote; empty: there was none.
   *
   * @throws CorruptCowException if the journal was damaged or overwritten; the destination then
   *     needs a full copy
   * @throws io.replication4j.ReplicationException as {@link #merge(Path)}
   */
  public Optional<CowStats> finish() throws InterruptedException {
    try (Destination target = open()) {
      return finish(Journal.of(destination, journals), target);
    } catch (IOException e) {
      throw DeviceErrors.of("finishing the merge into " + destination, e);
    }
  }

  private static Content check(Path stream, FileChannel in, Destination target) throws IOException {
    try {
      return DeviceFile.isBlockDevice(stream)
          ? CowReader.readFromDevice(in, target.check())
          : CowReader.readFromFile(in, target.check());
    } catch (CowFormatException e) {
      throw e.in(stream);
    }
  }

  private Destination open() throws IOException {
    return Destination.open(destination);
  }

  private static Optional<CowStats> finish(Journal journal, Destination target) throws IOException {
    Optional<Path> pending = journal.pending(target.check());
    return pending.isPresent()
        ? Optional.of(apply(journal, pending.get(), target))
        : Optional.empty();
  }

  private static CowStats apply(Journal journal, Path stream, Destination target)
      throws IOException {
    try (FileChannel in = FileChannel.open(stream, StandardOpenOption.READ)) {
      CowStats stats = applyFile(in, target);
      journal.remove(stream);
      return stats;
    }
  }

  private static CowStats apply(ReadableByteChannel in, Destination target) throws IOException {
    Content content = CowReader.readContent(in, target.write());
    target.force();
    return content.stats();
  }

  private static CowStats applyFile(ReadableByteChannel in, Destination target) throws IOException {
    Content content = CowReader.readFromFile(in, target.write());
    target.force();
    return content.stats();
  }
}
