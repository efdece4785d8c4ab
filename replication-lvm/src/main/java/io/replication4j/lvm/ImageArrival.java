package io.replication4j.lvm;

import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.lvm.cow.CowHeader;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How {@link ImageScripts#RECEIVE} is told what comes.
 *
 * @param isSpooled whether an increment waits until all of it has arrived
 * @param part what is there already
 */
record ImageArrival(boolean isSpooled, Optional<PartImage> part) implements Arrival {

  private static final Pattern WORD = Pattern.compile("[!-~]+");
  private static final long NANOS = 1_000_000_000L;

  /** What a piece may cost beside its data, and the header. */
  private static final long ROOM_PER_CHUNK = 64;

  @Override
  public Optional<VolumeWriter> begin(CowHeader header, StreamIdentity identity, OutputStream out)
      throws IOException {
    VersionId id = identity.target().orElseThrow();
    long bytes = identity.originBytes();
    if (!WORD.matcher(id.value()).matches()) {
      throw new UnsupportedException("a version '" + id + "' cannot be written down", null);
    }
    if (identity.base().isEmpty()) {
      Arrival.say(out, part.isPresent() ? "kept" : "image", bytes, id, time(id));
      return Optional.of(
          part.isPresent() ? part.get().image(out, bytes) : new ImageWriter(out, bytes));
    }
    boolean goesOn = isSpooled && part.isPresent();
    Arrival.say(out, goesOn ? "more" : "patch", bytes, id, time(id), room(header, identity));
    if (!isSpooled) {
      return Optional.of(new PieceWriter(out, bytes));
    }
    SpoolWriter spool = goesOn ? part.get().spool(out, bytes) : new SpoolWriter(out, bytes);
    spool.say("patch", bytes, id, time(id), list(identity));
    return Optional.of(spool);
  }

  /** Nothing, if nobody can tell. */
  private static String list(StreamIdentity identity) {
    VersionId base = identity.base().orElseThrow();
    return identity.exceptions().isPresent() && WORD.matcher(base.value()).matches()
        ? new EarlierList(base, identity.exceptions().getAsLong()).token()
        : "";
  }

  /** Seconds since 1970, when the version was taken. */
  static String time(VersionId id) {
    long takenAt = Tags.takenAt(id);
    return String.format("%d.%09d", takenAt / NANOS, takenAt % NANOS);
  }

  /** 0 if nobody can tell. */
  private static long room(CowHeader header, StreamIdentity identity) {
    return identity.exceptions().orElse(0) * (header.geometry().chunkBytes() + ROOM_PER_CHUNK);
  }
}
