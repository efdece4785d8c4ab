package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.cow.ByteSource;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowHeader;
import io.replication4j.lvm.cow.CowWriter;
import io.replication4j.lvm.cow.ExceptionTable;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * Makes the stream of one version: the list of changed chunks from the base's exceptions, their
 * data from the new snapshot, which was taken before the list is read. Without a base, all chunks
 * but long runs of zeroes.
 *
 * @param snapshot what is sent
 * @param originBytes the size of the volume
 * @param base what the other side has
 * @param watched the snapshots that must not overflow meanwhile
 * @param stopPercent how full they may be
 */
record StreamSender(
    Volume snapshot,
    VersionId id,
    long originBytes,
    Optional<BaseSnapshot> base,
    List<Volume> watched,
    int stopPercent) {

  /** The chunks of a stream whose content was found by comparing both sides. */
  static final CowGeometry COMPARED = CowGeometry.ofDefaultChunks();

  /**
   * The version that the increment starts from.
   *
   * @param snapshot lists what changed since; not there if that is found by comparing
   */
  record BaseSnapshot(Volume snapshot, VersionId id) {}

  void send(RunningCommand host, WritableByteChannel out) throws IOException {
    SourceDevices devices = new SourceDevices(host.stdout(), host.stdin());
    if (base.isPresent()) {
      CowGeometry itsOwn = geometry(devices, base.get());
      write(devices, itsOwn, changed(devices, itsOwn, base.get()), out);
    } else {
      writeOccupied(devices, out);
    }
  }

  /** What was found to differ from the base. */
  void send(RunningCommand host, ChunkSet differing, WritableByteChannel out) throws IOException {
    write(new SourceDevices(host.stdout(), host.stdin()), COMPARED, differing, out);
  }

  private void writeOccupied(SourceDevices devices, WritableByteChannel out) throws IOException {
    StreamIdentity identity =
        new StreamIdentity(Optional.empty(), Optional.of(id), originBytes, OptionalLong.empty());
    OccupiedChunks chunks =
        new OccupiedChunks(devices, snapshot.device(), originBytes, () -> watch(devices));
    try {
      CowWriter.write(OccupiedChunks.GEOMETRY, identity, chunks, chunks, out);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void write(
      SourceDevices devices, CowGeometry chunkSize, ChunkSet chunks, WritableByteChannel out)
      throws IOException {
    StreamIdentity identity =
        new StreamIdentity(base.map(BaseSnapshot::id), Optional.of(id), originBytes, chunks.size());
    ByteSource data =
        devices.chunks(
            snapshot.device(), chunkSize, chunks.ranges(), originBytes, () -> watch(devices));
    CowWriter.write(chunkSize, identity, chunks, data, out);
  }

  /** The header is read with the smallest chunk that LVM makes. */
  private static CowGeometry geometry(SourceDevices devices, BaseSnapshot from) throws IOException {
    CowGeometry smallest = CowGeometry.ofDefaultChunks();
    ByteBuffer header = ByteBuffer.allocate(smallest.chunkBytes());
    Iterator<ChunkRange> first = List.of(new ChunkRange(0, 1)).iterator();
    devices
        .chunks(from.snapshot().storeDevice(), smallest, first, Long.MAX_VALUE, () -> {})
        .read(0, header);
    return CowHeader.read(header.flip()).geometry();
  }

  private ChunkSet changed(SourceDevices devices, CowGeometry chunkSize, BaseSnapshot from)
      throws IOException {
    watch(devices);
    long areas = devices.status(from.snapshot()).areas(chunkSize.chunkSectors());
    Iterator<ChunkRange> ranges =
        LongStream.range(0, areas)
            .mapToObj(area -> new ChunkRange(chunkSize.areaChunk(area), 1))
            .iterator();
    return ExceptionTable.changedChunks( // what came later was overwritten after the new snapshot
        chunkSize,
        areas,
        devices.chunks(
            from.snapshot().storeDevice(),
            chunkSize,
            ranges,
            Long.MAX_VALUE,
            () -> watch(devices)));
  }

  private void watch(SourceDevices devices) throws IOException {
    for (Volume store : watched) {
      devices.requireRoom(store, stopPercent);
    }
  }
}
