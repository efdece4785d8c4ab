package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.IOException;
import java.util.Optional;

/**
 * The changes of a thin volume: the blocks that it does not share with the base. What was discarded
 * is among them, and reads as zeroes. Without a base, the blocks that it has.
 */
record ThinChanges(LogicalVolume sent, Optional<LogicalVolume> from, CowGeometry chunks)
    implements Changes {

  @Override
  public Optional<VersionId> base() {
    return from.flatMap(LogicalVolume::id);
  }

  @Override
  public CowGeometry geometry(SourceDevices devices) {
    return chunks;
  }

  /** What lies behind the end of the base may be anything at the target. */
  @Override
  public Optional<ChunkSet> chunks(SourceDevices devices, CowGeometry geometry) throws IOException {
    ChunkSet.Builder changed = ChunkSet.builder();
    devices.delta(
        from.map(LogicalVolume::volume),
        sent.volume(),
        (first, end) -> Changes.add(changed, geometry, first, Math.min(end, sent.length())));
    from.ifPresent(base -> Changes.add(changed, geometry, base.length(), sent.length()));
    return Optional.of(changed.build());
  }

  /** A version of a thin volume does not overflow. */
  @Override
  public void watch(SourceDevices devices) {}
}
