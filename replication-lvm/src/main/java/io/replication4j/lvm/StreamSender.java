package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.cow.ByteSource;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowWriter;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * Makes the stream of one version: the list of changed chunks, and their data from the new
 * snapshot, which was taken before the list is read. What nothing lists is looked for on the way:
 * all chunks but long runs of zeroes.
 *
 * @param snapshot what is sent
 * @param length how many bytes it has
 */
record StreamSender(Volume snapshot, VersionId id, long length, Changes changes) {

  /** The same version, with other chunks. */
  StreamSender with(UnaryOperator<Changes> other) {
    return new StreamSender(snapshot, id, length, other.apply(changes));
  }

  /**
   * Writes it.
   *
   * @param bytes hears how long it is, before the first byte, if that is known then
   */
  void send(RunningCommand host, WritableByteChannel out, LongConsumer bytes) throws IOException {
    SourceDevices devices = new SourceDevices(host.stdout(), host.stdin());
    CowGeometry geometry = changes.geometry(devices);
    Optional<ChunkSet> listed = changes.chunks(devices, geometry);
    if (listed.isPresent()) {
      bytes.accept(geometry.streamBytes(listed.get().size()));
      write(devices, geometry, listed.get(), out);
    } else {
      writeOccupied(devices, out);
    }
  }

  private void write(
      SourceDevices devices, CowGeometry geometry, ChunkSet chunks, WritableByteChannel out)
      throws IOException {
    ByteSource data =
        devices.chunks(
            snapshot.device(), geometry, chunks.ranges(), length, () -> changes.watch(devices));
    CowWriter.write(geometry, identity(OptionalLong.of(chunks.size())), chunks, data, out);
  }

  private void writeOccupied(SourceDevices devices, WritableByteChannel out) throws IOException {
    OccupiedChunks chunks =
        new OccupiedChunks(devices, snapshot.device(), length, () -> changes.watch(devices));
    try {
      CowWriter.write(OccupiedChunks.GEOMETRY, identity(OptionalLong.empty()), chunks, chunks, out);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private StreamIdentity identity(OptionalLong exceptions) {
    return new StreamIdentity(changes.base(), Optional.of(id), length, exceptions);
  }
}
