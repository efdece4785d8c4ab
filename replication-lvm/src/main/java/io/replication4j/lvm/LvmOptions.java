package io.replication4j.lvm;

import static java.util.Objects.requireNonNull;

import io.replication4j.FilesystemName;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import java.util.List;
import java.util.Optional;

/**
 * How an {@link LvmBackend} sizes what it makes on its host. Immutable.
 *
 * @param sizing how much room for changes a snapshot of a source gets: it has to hold what is
 *     overwritten between two syncs, and during one. A snapshot that overflows is lost, and with it
 *     the base of the next increment
 * @param reservePercent that room in percent of the volume; where it is measured, the room of the
 *     first snapshot, and a quarter of it the least that any gets
 * @param growPercent how full a snapshot of a source may be before it is made larger, so that it is
 *     half full: when the next snapshot is taken (bases of targets that are away, too), and while
 *     one is read. 100: never
 * @param markerPercent the room that the snapshot at a target gets, by which writes to the target
 *     are found and can be undone, in percent of the volume; during a sync it grows by what is
 *     received
 * @param chunkBytes the unit in which changes are found and sent: a power of two from 4 KiB to 512
 *     KiB
 * @param stopPercent how full a snapshot may be while it is read; where its group has room, it is
 *     made larger before
 * @param thinPool the thin pool that a volume is made in which is received where none stands; it
 *     has to be in the target's group. Empty: it becomes a classic one. A volume that is there
 *     stays what it is, whatever its source is
 */
public record LvmOptions(
    Sizing sizing,
    int reservePercent,
    int growPercent,
    int markerPercent,
    int chunkBytes,
    int stopPercent,
    Optional<String> thinPool) {

  private static final int MOST_PERCENT = 100;

  /** How the snapshots of a source are sized. */
  public enum Sizing {

    /**
     * By what was overwritten since the last snapshot was taken: four times that, for the time
     * until the next sync, for its transfer, and as much again to be safe. Sizes shrink slowly, by
     * a sixteenth from snapshot to snapshot; they are never below a quarter of {@link
     * LvmOptions#reservePercent}, and above that never more than the group has free.
     */
    MEASURED,

    /** Always {@link LvmOptions#reservePercent} of the volume. */
    FIXED
  }

  public LvmOptions {
    requireNonNull(sizing, "sizing");
    requirePercent("reservePercent", reservePercent);
    requirePercent("growPercent", growPercent);
    requirePercent("markerPercent", markerPercent);
    requirePercent("stopPercent", stopPercent);
    if (chunkBytes < 4096 || chunkBytes > 512 << 10 || Integer.bitCount(chunkBytes) != 1) {
      throw new IllegalArgumentException(
          "chunkBytes must be a power of two from 4096 to 524288: " + chunkBytes);
    }
    thinPool.ifPresent(LvmOptions::requirePool);
  }

  private static void requirePool(String pool) {
    Volume.requireValid(FilesystemName.of("group/" + pool));
  }

  private static void requirePercent(String what, int percent) {
    if (percent < 1 || percent > MOST_PERCENT) {
      throw new IllegalArgumentException(what + " must be 1 to 100: " + percent);
    }
  }

  /**
   * The command that takes a snapshot of {@code origin} to stand for a version that it holds.
   *
   * @param tags that say that it does
   */
  Command mark(Volume origin, List<String> tags, Volume snapshot, VersionId id) {
    return LvmCommands.markVersion(origin, tags, snapshot, id.value(), markerPercent, chunkBytes);
  }

  /** Measured, beginning with 20 %; grow at 70 %, stop at 95 %; marker 5 %, chunks of 4 KiB. */
  public static LvmOptions defaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects {@link LvmOptions}; not thread-safe. */
  public static final class Builder {

    private Sizing sizing = Sizing.MEASURED;
    private int reservePercent = 20;
    private int growPercent = 70;
    private int markerPercent = 5;
    private int chunkBytes = 4096;
    private int stopPercent = 95;
    private Optional<String> thinPool = Optional.empty();

    private Builder() {}

    /** Default {@link Sizing#MEASURED}. */
    public Builder sizing(Sizing chosen) {
      this.sizing = requireNonNull(chosen, "sizing");
      return this;
    }

    /** Default 70. Throws {@link IllegalArgumentException} outside 1 to 100. */
    public Builder growPercent(int percent) {
      requirePercent("growPercent", percent);
      this.growPercent = percent;
      return this;
    }

    /** Default 20. Throws {@link IllegalArgumentException} outside 1 to 100. */
    public Builder reservePercent(int percent) {
      requirePercent("reservePercent", percent);
      this.reservePercent = percent;
      return this;
    }

    /** Default 5. Throws {@link IllegalArgumentException} outside 1 to 100. */
    public Builder markerPercent(int percent) {
      requirePercent("markerPercent", percent);
      this.markerPercent = percent;
      return this;
    }

    /** Default 4096. A power of two from 4096 to 524288, checked by {@link #build}. */
    public Builder chunkBytes(int bytes) {
      this.chunkBytes = bytes;
      return this;
    }

    /** Default 95. Throws {@link IllegalArgumentException} outside 1 to 100. */
    public Builder stopPercent(int percent) {
      requirePercent("stopPercent", percent);
      this.stopPercent = percent;
      return this;
    }

    /**
     * Default none. Throws {@link IllegalArgumentException} if no pool can have that name; it is
     * named without its group.
     */
    public Builder thinPool(String pool) {
      requirePool(pool);
      this.thinPool = Optional.of(pool);
      return this;
    }

    public LvmOptions build() {
      return new LvmOptions(
          sizing, reservePercent, growPercent, markerPercent, chunkBytes, stopPercent, thinPool);
    }
  }
}
