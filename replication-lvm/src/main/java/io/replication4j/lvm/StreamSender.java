package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.cow.ByteSource;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowWriter;
import io.replication4j.lvm.cow.ExceptionTable;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Makes the stream of one version: the list of changed chunks from the base's exceptions, their
 * data from the new snapshot, which was taken before the list is read. Without a base, all chunks.
 *
 * @param snapshot what is sent
 * @param originBytes the size of the volume
 * @param base what the other side has
 * @param geometry of the base, or of the stream if there is none
 * @param stopPercent how full the snapshots may be
 */
record StreamSender(
    Volume snapshot,
    VersionId id,
    long originBytes,
    Optional<BaseSnapshot> base,
    CowGeometry geometry,
    int stopPercent) {

  /** The version that the increment starts from. */
  record BaseSnapshot(Volume snapshot, VersionId id) {}

  void send(RunningCommand host, WritableByteChannel out) throws IOException {
    SourceDevices devices = new SourceDevices(host.stdout(), host.stdin());
    ChunkSet chunks = base.isPresent() ? changed(devices, base.get()) : everything();
    StreamIdentity identity =
        new StreamIdentity(base.map(BaseSnapshot::id), Optional.of(id), originBytes, chunks.size());
    ByteSource data =
        devices.chunks(
            snapshot.device(), geometry, chunks.ranges(), originBytes, () -> watch(devices));
    CowWriter.write(geometry, identity, chunks, data, out);
  }

  private ChunkSet changed(SourceDevices devices, BaseSnapshot from) throws IOException {
    watch(devices);
    long areas = devices.status(from.snapshot()).areas(geometry.chunkSectors());
    Iterator<ChunkRange> ranges =
        LongStream.range(0, areas)
            .mapToObj(area -> new ChunkRange(geometry.areaChunk(area), 1))
            .iterator();
    return ExceptionTable.changedChunks(
        geometry,
        devices.chunks(
            from.snapshot().storeDevice(), geometry, ranges, Long.MAX_VALUE, () -> watch(devices)));
  }

  private ChunkSet everything() {
    ChunkSet.Builder all = ChunkSet.builder();
    if (originBytes > 0) {
      all.add(0, (originBytes + geometry.chunkBytes() - 1) / geometry.chunkBytes());
    }
    return all.build();
  }

  private void watch(SourceDevices devices) throws IOException {
    devices.requireRoom(snapshot, stopPercent);
    if (base.isPresent()) {
      devices.requireRoom(base.get().snapshot(), stopPercent);
    }
  }
}
