package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.lvm.Tags.Owner;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One logical volume as LVM reports it: lvs(8).
 *
 * @param bytes its size; of a classic snapshot the size of its store
 * @param length how many bytes can be read of it: of a classic snapshot, as many as its origin had
 *     when it was taken
 * @param origin what it is a snapshot of; empty: nothing
 * @param pool the thin pool that it lies in; empty: none
 * @param filled of a classic snapshot: how full its store is, in percent, 0 only if nothing changed
 *     since it was taken
 * @param invalid of a classic snapshot: whether it was lost, because its store overflowed
 * @param merging whether it is being merged into its origin, or waits for that
 * @param open whether somebody has it open: mounted, or used as a device
 * @param layout how it is made: {@code linear}, {@code thin,sparse}
 */
record LogicalVolume(
    Volume volume,
    String uuid,
    long bytes,
    long length,
    Optional<String> origin,
    Optional<String> pool,
    List<String> tags,
    OptionalDouble filled,
    boolean invalid,
    boolean merging,
    boolean active,
    boolean open,
    String layout) {

  private static final double MOST_PERCENT = 100;

  LogicalVolume {
    tags = List.copyOf(tags);
  }

  Optional<VersionId> id() {
    return Tags.value(tags, "id").filter(value -> !value.isEmpty()).map(VersionId::of);
  }

  boolean isSnapshotOf(Volume other) {
    return volume.group().equals(other.group()) && origin.filter(other.name()::equals).isPresent();
  }

  /** Whether it is a version of that volume, which has that name still. */
  boolean isVersionOf(Volume other) {
    boolean belongs =
        pool.isPresent()
            ? volume.group().equals(other.group())
                && owner().filter(owner -> owner.name().equals(other.name())).isPresent()
            : isSnapshotOf(other);
    return belongs && id().isPresent();
  }

  boolean isThinPool() {
    return layout.contains("thin") && layout.contains("pool");
  }

  /** Of a version of a thin volume: whose it is. */
  Optional<Owner> owner() {
    return pool.flatMap(of -> Owner.of(tags));
  }

  /** Whether it was received, or is being, to become a version of that volume. */
  boolean isIncomingFor(Volume other) {
    return volume.group().equals(other.group())
        && Tags.value(tags, "in").filter(other.name()::equals).isPresent()
        && !volume.equals(other);
  }

  /** Of what was received: whether all of it arrived. */
  boolean isWhole() {
    return Tags.value(tags, "digest").isPresent();
  }

  /**
   * Whether it has the name and the identity of a classic snapshot of that volume, and is none. A
   * thin snapshot is whole as soon as it is there, and often has no origin: LVM takes that away
   * when another volume takes the origin's place.
   */
  boolean isStrayOf(Volume other) {
    return origin.isEmpty()
        && pool.isEmpty()
        && id().isPresent()
        && Tags.value(tags, "in").isEmpty()
        && volume.group().equals(other.group())
        && volume.name().startsWith(other.name() + ".");
  }

  /** Of a classic snapshot: the bytes of its store that are in use, rounded up; 0 for any other. */
  long used() {
    return pool.isEmpty() && !invalid
        ? (long) Math.ceil(bytes * filled.orElse(0) / MOST_PERCENT)
        : 0;
  }

  /** Of a classic snapshot: whether nothing was written to its origin since it was taken. */
  boolean isUntouched() {
    return pool.isEmpty() && !invalid && filled.isPresent() && filled.getAsDouble() == 0;
  }
}
