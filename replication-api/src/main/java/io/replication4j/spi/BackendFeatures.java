package io.replication4j.spi;

/**
 * How a backend's storage behaves, as far as the planner has to know. The target's count; only in
 * {@code keepsVersions} may the source's be others.
 *
 * @param separateCopies whether what is received (a snapshot) and what stands at the final location
 *     (a copy of it) are two things (btrfs), so that a copy is installed after each transfer; on
 *     ZFS they are one
 * @param independentChildren whether a child is a filesystem of its own that is renamed and
 *     destroyed by itself (ZFS); otherwise each transfer brings the whole set of children anew
 *     (btrfs)
 * @param atomicTree whether a snapshot of a tree is one point in time
 * @param comparesBlocks whether both sides can be compared block by block, and what differs be sent
 *     without a common base: {@link StorageBackend#blocks}, {@link StorageBackend#differing}
 * @param keepsVersions whether a version stays when the next one is received; otherwise a target
 *     holds one version, which what is received replaces, and cannot be rolled back (an image)
 */
public record BackendFeatures(
    boolean separateCopies,
    boolean independentChildren,
    boolean atomicTree,
    boolean comparesBlocks,
    boolean keepsVersions) {

  /** Of storage that keeps versions. */
  public BackendFeatures(
      boolean separateCopies,
      boolean independentChildren,
      boolean atomicTree,
      boolean comparesBlocks) {
    this(separateCopies, independentChildren, atomicTree, comparesBlocks, true);
  }

  /** Of storage that keeps versions and compares no blocks. */
  public BackendFeatures(boolean separateCopies, boolean independentChildren, boolean atomicTree) {
    this(separateCopies, independentChildren, atomicTree, false);
  }
}
