package io.replication4j.lvm;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.Endpoint;
import io.replication4j.NotFoundException;
import io.replication4j.PermissionDeniedException;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.VersionId;
import io.replication4j.lvm.ImageView.Held;
import io.replication4j.lvm.ImageView.Kind;
import java.util.Optional;

/** Whether what a look found can be received into, and what to do if not. Pure. */
record ImageTarget(Endpoint endpoint, ImageView view) {

  private static final String ZEROES =
      "overwrite its first and last mebibyte with zeroes (blkdiscard -z, dd)";

  /**
   * Checks that it is a place for an image, and nobody's.
   *
   * @throws NotFoundException if there is no such directory, or no such device
   * @throws AlreadyExistsException if it is a device that holds something of which nothing is known
   * @throws BusyException if somebody uses it
   * @throws PermissionDeniedException if nothing can be written beside it
   */
  void requireUsable() {
    if (view.kind() == Kind.NOWHERE) {
      throw new NotFoundException(
          "there is no directory for "
              + endpoint
              + ", or no such device; is something not mounted? Make it (mkdir), or name another"
              + " place",
          null);
    }
    if (view.isForeignDevice()) {
      throw new AlreadyExistsException(
          endpoint
              + " holds something, and nothing is known of it under this name; nothing was changed."
              + " Name another device; or, if nobody needs what it holds, "
              + ZEROES
              + ", and run again",
          null);
    }
    if (view.user().isPresent()) {
      throw new BusyException(
          endpoint + " " + view.user().get() + "; end that, and run again", null);
    }
    if (view.locked()) {
      throw new PermissionDeniedException(
          "nothing can be written to, or beside, "
              + endpoint
              + ": the device or filesystem is read-only, or the directory is another user's; run as"
              + " one that may, or name another place",
          null);
    }
  }

  /** What to do with it, since it cannot be renamed; empty: it can. */
  Optional<String> immovable() {
    return view.kind() == Kind.DEVICE
        ? Optional.of(
            "a device cannot be moved aside; copy elsewhere what is needed of it, "
                + ZEROES
                + ", and send everything again (onBrokenChain=FULL)")
        : Optional.empty();
  }

  /**
   * Checks that it is what the stream is for.
   *
   * @throws AlreadyExistsException if something stands where a whole image is to be
   * @throws NotFoundException if it does not hold the base
   */
  void requireReceivable(MemberSend member) {
    if (member.base().isEmpty() && (view.kind() == Kind.FILE || view.version().isPresent())) {
      throw new AlreadyExistsException(
          endpoint
              + " exists: a whole image is only received where none stands; nothing was sent."
              + " Rename it, or plan again",
          null);
    }
    Optional<VersionId> base = member.base().map(SyncStep.Base::id);
    if (base.isPresent() && !view.version().map(Held::id).equals(base)) {
      throw new NotFoundException(
          endpoint + " does not hold the base " + base.get() + "; nothing was sent. Plan again",
          null);
    }
  }
}
