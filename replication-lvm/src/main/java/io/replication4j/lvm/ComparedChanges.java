package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.IOException;
import java.util.Optional;

/**
 * What was found by comparing both sides, where the base is at the target only.
 *
 * @param from what the other side has
 * @param whole the version without a base, for what has to be watched
 */
record ComparedChanges(VersionId from, ChunkSet differing, Changes whole) implements Changes {

  static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();

  @Override
  public Optional<VersionId> base() {
    return Optional.of(from);
  }

  @Override
  public CowGeometry geometry(SourceDevices devices) {
    return GEOMETRY;
  }

  @Override
  public Optional<ChunkSet> chunks(SourceDevices devices, CowGeometry geometry) {
    return Optional.of(differing);
  }

  @Override
  public void watch(SourceDevices devices) throws IOException {
    whole.watch(devices);
  }
}
