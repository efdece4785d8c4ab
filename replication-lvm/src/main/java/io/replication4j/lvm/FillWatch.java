package io.replication4j.lvm;

import io.replication4j.NoSpaceException;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps snapshots from overflowing while they are read: one that is fuller than {@link
 * LvmOptions#growPercent} gets room, as long as its group has some; at {@link
 * LvmOptions#stopPercent} whoever reads is stopped.
 */
final class FillWatch<E extends Exception> {

  /** How the snapshots of a host are reached. */
  interface Stores<E extends Exception> {

    StoreStatus status(Volume snapshot) throws E;

    /** False if it has no more room than before. */
    boolean enlarge(Volume snapshot, long bytes) throws E;
  }

  private final LvmOptions options;
  private final Stores<E> stores;
  private final Set<Volume> atTheirEnd = new HashSet<>();

  FillWatch(LvmOptions options, Stores<E> stores) {
    this.options = options;
    this.stores = stores;
  }

  /** Throws {@link NoSpaceException} if it is about to be lost, or is lost. */
  void look(Volume snapshot) throws E {
    StoreStatus status = stores.status(snapshot);
    if (status.valid()
        && status.isFullerThan(options.growPercent())
        && !atTheirEnd.contains(snapshot)) {
      boolean larger = stores.enlarge(snapshot, Room.enlarged(status));
      status = stores.status(snapshot);
      if (!larger || status.isFullerThan(options.growPercent())) {
        atTheirEnd.add(snapshot);
      }
    }
    if (status.isFullerThan(options.stopPercent())) {
      throw full(snapshot, status, options);
    }
  }

  /** Of one that is as full as {@code status} says, or is lost. */
  static NoSpaceException full(Volume snapshot, StoreStatus status, LvmOptions options) {
    return new NoSpaceException(
        "snapshot "
            + snapshot
            + (status.valid()
                ? " is more than "
                    + options.stopPercent()
                    + " % full, and could not be made larger; what read it was stopped before it"
                    + " overflows. Give its volume group more room (vgextend), and it some of that"
                    + " (lvextend)"
                : " overflowed and is lost. Begin anew with more room")
            + ", or give snapshots more room (LvmOptions.reservePercent)",
        null);
  }
}
