package io.replication4j.lvm;

import io.replication4j.command.Command;
import io.replication4j.lvm.LvmOptions.Sizing;
import io.replication4j.lvm.cow.CowGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much room the snapshots of a source get: in bytes of their stores. Pure.
 *
 * <p>What the last snapshot holds by now was overwritten between two syncs. The next one has to
 * hold as much until the next sync, and once more while that sync's transfer runs: longer than the
 * time between syncs it does not, where a target keeps up. Twice that is four times what the last
 * one holds. Sizes grow at once and shrink by a sixteenth from snapshot to snapshot, so that a
 * quiet night does not leave too little for the morning. At least a quarter of {@link
 * LvmOptions#reservePercent} of the volume, at most what a snapshot can use, and no more than the
 * group has free.
 */
record Room(View view, LvmOptions options) {

  /** Until the next sync, and during it; twice, to be safe. */
  private static final int TIMES_USED = 4;

  /** Of what the last one had, this part is given up. */
  private static final int SHRINKING = 16;

  /** What is enlarged is half full then. */
  private static final int TIMES_WHEN_ENLARGED = 2;

  private static final int LEAST_PART_OF_RESERVE = 4;
  private static final CowGeometry SMALLEST = CowGeometry.ofDefaultChunks();

  /** As lvcreate(8) takes it: an option and its value. */
  List<String> ofNext() {
    return measured()
        .map(bytes -> List.of("-L", bytes + "b"))
        .orElse(List.of("-l", options.reservePercent() + "%ORIGIN"));
  }

  /** Empty where nothing was measured, or nothing is to be. */
  private Optional<Long> measured() {
    return view.newest()
        .filter(last -> options.sizing() == Sizing.MEASURED && last.used() > 0)
        .map(
            last -> {
              long kept = last.bytes() - last.bytes() / SHRINKING;
              long wanted = Math.max(least(), Math.max(kept, last.used() * TIMES_USED));
              boolean nearlyAll = wanted > most(view) - most(view) / SHRINKING;
              return Math.min(
                  nearlyAll ? most(view) : wholeChunks(wanted), Math.max(free(), least()));
            });
  }

  private long least() {
    return wholeChunks(ofReserve() / LEAST_PART_OF_RESERVE);
  }

  private long ofReserve() {
    return volumeBytes(view) / 100 * options.reservePercent();
  }

  private long free() {
    return view.freeBytes().orElse(0L);
  }

  /**
   * Makes the versions larger that are fuller than {@link LvmOptions#growPercent}: bases of targets
   * that are away, above all. What is free beside the next snapshot is for them.
   */
  List<Command> enlargements() {
    List<Command> commands = new ArrayList<>();
    long free = free() - measured().orElseGet(this::ofReserve);
    for (LogicalVolume version : view.versions()) {
      long wanted = Math.min(wholeChunks(version.used() * TIMES_WHEN_ENLARGED), most(view));
      long bytes = Math.min(wanted, version.bytes() + Math.max(0, wholeChunks(free)));
      if (isTooFull(version) && bytes > version.bytes() + version.bytes() / SHRINKING) {
        commands.add(LvmCommands.enlargeOnce(version.volume(), bytes));
        free -= bytes - version.bytes();
      }
    }
    return commands;
  }

  private boolean isTooFull(LogicalVolume version) {
    return version.used() * 100 > version.bytes() * options.growPercent();
  }

  /** What a store needs that is as full as {@code status} says. */
  static long enlarged(StoreStatus status) {
    return status.usedBytes() * TIMES_WHEN_ENLARGED;
  }

  /** What a snapshot of the volume needs at most, with the smallest chunks that LVM makes. */
  static long most(View view) {
    return SMALLEST.storeChunks(SMALLEST.chunksOf(volumeBytes(view))) * SMALLEST.chunkBytes();
  }

  private static long volumeBytes(View view) {
    return view.live().map(LogicalVolume::bytes).orElse(0L);
  }

  private static long wholeChunks(long bytes) {
    return SMALLEST.chunksOf(bytes) * SMALLEST.chunkBytes();
  }
}
