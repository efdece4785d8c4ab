package io.replication4j.lvm;

import io.replication4j.command.CommandRunner;
import java.time.Duration;

/** The new snapshot of a classic volume, which fills while both sides are compared. */
final class ComparedSnapshot {

  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private final LvmBackend backend;
  private final Volume snapshot;
  private long next = System.nanoTime();

  ComparedSnapshot(LvmBackend backend, Volume snapshot) {
    this.backend = backend;
    this.snapshot = snapshot;
  }

  /**
   * Looks at it if that is some seconds ago, and gives it room before it overflows.
   *
   * @param through enlarges it
   * @throws io.replication4j.NoSpaceException if it is about to overflow, and its group is full
   */
  void watch(CommandRunner through) throws InterruptedException {
    if (System.nanoTime() - next >= 0) {
      fillWatch(through).look(snapshot);
      next = System.nanoTime() + PAUSE;
    }
  }

  private FillWatch<InterruptedException> fillWatch(CommandRunner through) {
    return new FillWatch<>(
        backend.options(),
        new FillWatch.Stores<>() {

          @Override
          public StoreStatus status(Volume store) throws InterruptedException {
            return StoreStatus.parse(
                backend.runOrFail(LvmCommands.status(store), backend.runner()).output());
          }

          @Override
          public boolean enlarge(Volume store, long bytes) throws InterruptedException {
            return through.run(LvmCommands.enlarge(store, Long.toString(bytes))).succeeded();
          }
        });
  }
}
