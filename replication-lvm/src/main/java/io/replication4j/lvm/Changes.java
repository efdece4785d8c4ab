package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.IOException;
import java.util.Optional;

/** Which chunks a stream has: what kind of volume it is decides where that is read. */
interface Changes {

  /** The version that they are counted from; empty: none, and whatever may hold data is in it. */
  Optional<VersionId> base();

  /** In chunks of this size. */
  CowGeometry geometry(SourceDevices devices) throws IOException;

  /**
   * The chunks that may differ from the base; what was sent is a snapshot that was taken before
   * this is asked. Empty: nothing lists them, so that whatever is not zero is looked for.
   */
  Optional<ChunkSet> chunks(SourceDevices devices, CowGeometry geometry) throws IOException;

  /** The same as they were when there were so many chunks; the same if no list grows. */
  default Changes first(long chunks) {
    return this;
  }

  /** Adds the chunks that hold these bytes. */
  static void add(ChunkSet.Builder chunks, CowGeometry geometry, long from, long to) {
    if (from < to) {
      long first = from / geometry.chunkBytes();
      chunks.add(first, geometry.chunksOf(to) - first);
    }
  }

  /** Throws {@link io.replication4j.NoSpaceException} if what is read is about to be lost. */
  void watch(SourceDevices devices) throws IOException;
}
