package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowHeader;
import io.replication4j.lvm.cow.ExceptionTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * The changes of a classic volume: the exceptions of the base's snapshot. Without a base, nothing
 * lists them.
 *
 * @param from what the other side has
 * @param length of what is sent, in bytes
 * @param watched the snapshots that must not overflow meanwhile
 * @param options how full they may be
 * @param most how many chunks there are at most; empty: as many as are listed
 */
record StoreChanges(
    Optional<LogicalVolume> from,
    long length,
    List<Volume> watched,
    LvmOptions options,
    OptionalLong most)
    implements Changes {

  /** All that are listed. */
  StoreChanges(
      Optional<LogicalVolume> from, long length, List<Volume> watched, LvmOptions options) {
    this(from, length, watched, options, OptionalLong.empty());
  }

  /** The list keeps its order: what came later stands behind. */
  @Override
  public Changes first(long chunks) {
    return new StoreChanges(from, length, watched, options, OptionalLong.of(chunks));
  }

  @Override
  public Optional<VersionId> base() {
    return from.flatMap(LogicalVolume::id);
  }

  /** The header is read with the smallest chunk that LVM makes. */
  @Override
  public CowGeometry geometry(SourceDevices devices) throws IOException {
    if (from.isEmpty()) {
      return OccupiedChunks.GEOMETRY;
    }
    CowGeometry smallest = CowGeometry.ofDefaultChunks();
    ByteBuffer header = ByteBuffer.allocate(smallest.chunkBytes());
    Iterator<ChunkRange> first = List.of(new ChunkRange(0, 1)).iterator();
    devices
        .chunks(from.get().volume().storeDevice(), smallest, first, Long.MAX_VALUE, () -> {})
        .read(0, header);
    return CowHeader.read(header.flip()).geometry();
  }

  /** What lies behind the end of the base is in no exception. */
  @Override
  public Optional<ChunkSet> chunks(SourceDevices devices, CowGeometry geometry) throws IOException {
    if (from.isEmpty()) {
      return Optional.empty();
    }
    ChunkSet.Builder chunks = ChunkSet.builder();
    Changes.add(chunks, geometry, from.get().length(), length);
    ChunkSet grown = chunks.build();
    if (grown.size() == 0) {
      return Optional.of(exceptions(devices, geometry, from.get(), most(0), Long.MAX_VALUE));
    }
    long end = from.get().length() / geometry.chunkBytes(); // where the base ends, a chunk is both
    ChunkSet exceptions = exceptions(devices, geometry, from.get(), most(grown.size()), end);
    ChunkSet.Builder all = ChunkSet.builder();
    exceptions.ranges().forEachRemaining(range -> all.add(range.first(), range.count()));
    grown.ranges().forEachRemaining(range -> all.add(range.first(), range.count()));
    return Optional.of(all.build());
  }

  /** How many there are at most beside so many others. */
  private long most(long others) {
    long rest = most.orElse(Long.MAX_VALUE) - others;
    return rest < 0 ? Long.MAX_VALUE : rest;
  }

  private ChunkSet exceptions(
      SourceDevices devices, CowGeometry geometry, LogicalVolume snapshot, long first, long end)
      throws IOException {
    watch(devices);
    StoreStatus status = devices.status(snapshot.volume());
    if (!status.valid()) {
      throw FillWatch.full(snapshot.volume(), status, options);
    }
    long areas = status.areas(geometry.chunkSectors());
    Iterator<ChunkRange> ranges =
        LongStream.range(0, areas)
            .mapToObj(area -> new ChunkRange(geometry.areaChunk(area), 1))
            .iterator();
    return ExceptionTable.changedChunks( // what came later was overwritten after the new snapshot
        geometry,
        areas,
        first,
        end,
        devices.chunks(
            snapshot.volume().storeDevice(),
            geometry,
            ranges,
            Long.MAX_VALUE,
            () -> watch(devices)));
  }

  @Override
  public void watch(SourceDevices devices) throws IOException {
    for (Volume store : watched) {
      devices.keepRoom(store, options);
    }
  }
}
