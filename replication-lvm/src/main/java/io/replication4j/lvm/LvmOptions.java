package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import java.util.Optional;

/**
 * How an {@link LvmBackend} sizes what it makes on its host. Immutable.
 *
 * @param reservePercent the room for changes that a snapshot of a source gets, in percent of the
 *     volume: it has to hold what is overwritten between two syncs, and during one. A snapshot that
 *     overflows is lost, and with it the base of the next increment
 * @param markerPercent the room that the snapshot at a target gets, by which writes to the target
 *     are found and can be undone, in percent of the volume; during a sync it grows by what is
 *     received
 * @param chunkBytes the unit in which changes are found and sent: a power of two from 4 KiB to 512
 *     KiB
 * @param stopPercent how full a snapshot may be while a stream is read from it
 * @param thinPool the thin pool that a volume is made in which is received where none stands; it
 *     has to be in the target's group. Empty: it becomes a classic one. A volume that is there
 *     stays what it is, whatever its source is
 */
public record LvmOptions(
    int reservePercent,
    int markerPercent,
    int chunkBytes,
    int stopPercent,
    Optional<String> thinPool) {

  private static final int MOST_PERCENT = 100;

  public LvmOptions {
    requirePercent("reservePercent", reservePercent);
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

  /** The command that takes a snapshot of {@code origin} to stand for a version that it holds. */
  Command mark(Volume origin, Volume snapshot, VersionId id) {
    return LvmCommands.markVersion(origin, snapshot, id.value(), markerPercent, chunkBytes);
  }

  /** Reserve 20 %, marker 5 %, chunks of 4 KiB, stop at 95 %. */
  public static LvmOptions defaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects {@link LvmOptions}; not thread-safe. */
  public static final class Builder {

    private int reservePercent = 20;
    private int markerPercent = 5;
    private int chunkBytes = 4096;
    private int stopPercent = 95;
    private Optional<String> thinPool = Optional.empty();

    private Builder() {}

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
      return new LvmOptions(reservePercent, markerPercent, chunkBytes, stopPercent, thinPool);
    }
  }
}
