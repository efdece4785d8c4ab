package io.replication4j.lvm;

import com.google.common.base.Splitter;
import io.replication4j.FilesystemName;
import io.replication4j.Snapshot;
import io.replication4j.VersionId;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a look at an image found. Pure.
 *
 * @param mark as {@link ImageScripts} explains
 * @param self tells this file or device from others, as long as something is unfinished
 * @param held what the state says that it holds, or is becoming
 * @param records by pair
 * @param spooled what was received as an increment, or is in part
 * @param whole a new file that was received, or is in part
 * @param writing whether somebody is still at work on one of these
 * @param user who uses it, if that was asked
 * @param locked whether nothing can be written to it, or beside it
 */
record ImageView(
    FilesystemName name,
    Kind kind,
    long bytes,
    String mark,
    String self,
    Optional<Held> held,
    Map<String, String> records,
    Optional<Spool> spooled,
    Optional<NewFile> whole,
    boolean writing,
    Optional<String> user,
    boolean locked) {

  /** What stands there. */
  enum Kind {
    /** Nothing, and a file can be made. */
    NONE,
    /** Not even a directory, or no such device. */
    NOWHERE,
    FILE,
    DEVICE,
    /** A device that holds nothing, and is not what the state speaks of. */
    BLANK,
    /** A directory, a pipe … */
    OTHER
  }

  /** The first word of a state. */
  enum Stage {
    HOLDS,
    APPLYING,
    TORN,
    FILLING;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The first line of a state.
   *
   * @param rest mark, or time and more
   */
  record Held(Stage stage, VersionId id, String label, long bytes, String rest) {

    Held {
      if (label.isEmpty()
          || label.charAt(0) == '-'
          || label.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("not a label: " + label);
      }
    }

    /** What tells this state from others: {@code WORD ID}. */
    String beginning() {
      return stage.word() + " " + id.value();
    }

    Optional<String> word(int index) {
      return Splitter.on(' ').splitToStream(rest).skip(index).findFirst();
    }
  }

  /** A whole image beside the place where it is to stand; mark and self are its own. */
  record NewFile(String mark, String self) {}

  /**
   * An increment beside the image.
   *
   * @param id the version that it is of; empty: not even that arrived
   * @param list by what its source makes the same stream again: {@link EarlierList#token}
   */
  record Spool(long bytes, Optional<VersionId> id, Optional<String> list) {}

  /** Words of what is behind the size, in a state that is not settled. */
  private static final int SELF = 1;

  private static final int SPOOL = 2;

  /** How the id of what is between two versions begins. */
  private static final String TORN = "torn-";

  ImageView {
    records = Map.copyOf(records);
  }

  // ------------------------------------------------------------------ what the state means

  /** The version that was made its content and has not been replaced since. */
  private Optional<Held> settled() {
    return held.filter(h -> h.stage() == Stage.HOLDS)
        .filter(
            h ->
                kind == Kind.FILE
                    || (kind == Kind.DEVICE && device(h.rest()).equals(device(mark))));
  }

  /** Of a mark what is before the digest. */
  private static String device(String mark) {
    return mark.substring(0, mark.lastIndexOf(':') + 1);
  }

  private boolean isThere() {
    return kind == Kind.FILE || kind == Kind.DEVICE;
  }

  private boolean isUnchanged(Held version) {
    return version.rest().equals(mark) && version.bytes() <= bytes;
  }

  /** What was received and is certain to become the image, and has not yet. */
  Optional<Held> landing() {
    return held.filter(
        h ->
            (h.stage() == Stage.HOLDS
                    && kind == Kind.NONE
                    && whole.map(NewFile::mark).equals(Optional.of(h.rest())))
                || (h.stage() == Stage.APPLYING && isThere() && isOf(h) && isApplicable(h)));
  }

  /** Whether the state is that of this very file or device. */
  private boolean isOf(Held unfinished) {
    Optional<String> there = isThere() ? Optional.of(self) : whole.map(NewFile::self);
    return there.isPresent() && unfinished.word(SELF).equals(there);
  }

  private boolean isApplicable(Held applying) {
    return applying.word(SPOOL).equals(spooled.map(spool -> String.valueOf(spool.bytes())));
  }

  /** What it is between two versions: a version of its own, which no source has. */
  private Optional<Held> torn() {
    return held.filter(h -> h.stage() == Stage.TORN || h.stage() == Stage.APPLYING)
        .filter(h -> isThere() && isOf(h) && landing().isEmpty())
        .map(
            h ->
                new Held(
                    h.stage(),
                    VersionId.of(TORN + h.id().value()),
                    h.label(),
                    h.bytes(),
                    h.rest()));
  }

  /** What there is to send a difference to. */
  Optional<Held> version() {
    return landing().or(this::settled).or(this::torn);
  }

  /** As far as it counts: a device may be larger. */
  long length() {
    return version().map(Held::bytes).orElse(bytes);
  }

  /** The beginning of the state with which this version is there. */
  String beginning(VersionId version) {
    return torn()
        .filter(t -> t.id().equals(version))
        .flatMap(t -> held)
        .map(Held::beginning)
        .orElse(Stage.HOLDS.word() + " " + version.value());
  }

  /** Whether it is a device that holds something of which nothing is known. */
  boolean isForeignDevice() {
    return kind == Kind.DEVICE && version().isEmpty() && filling().isEmpty();
  }

  /** What a device, or a new file, was being filled with. */
  private Optional<Held> filling() {
    return held.filter(h -> h.stage() == Stage.FILLING)
        .filter(h -> (kind == Kind.DEVICE || kind == Kind.NONE) && isOf(h));
  }

  /**
   * The version of which a part, or all that was sent, is there to go on from; unless somebody may
   * still add to that.
   */
  Optional<VersionId> kept() {
    return filling()
        .map(Held::id)
        .or(() -> isThere() ? spooled.flatMap(Spool::id) : Optional.empty())
        .filter(id -> !writing && version().filter(v -> v.id().equals(id)).isEmpty());
  }

  // ------------------------------------------------------------------ as an observation

  Observation observation(ObserveRequest request) {
    Optional<PartialReceive> partial = partial();
    LiveState live = live();
    boolean prepared = landing().isEmpty();
    if (live.kind() == LiveState.Kind.ABSENT && partial.isEmpty()) {
      return Observation.absent(name, prepared);
    }
    Map<String, String> asked = new HashMap<>(records);
    asked.keySet().retainAll(request.pairs());
    List<Snapshot> versions = version().map(this::snapshot).stream().toList();
    return new Observation(
        name,
        List.of(new ObservedFilesystem("", List.copyOf(versions), live, partial)),
        "",
        asked,
        prepared,
        Optional.empty());
  }

  private Optional<PartialReceive> partial() {
    Optional<PartialReceive> useless =
        (spooled.isPresent() || whole.isPresent()) && landing().isEmpty()
            ? Optional.of(PartialReceive.useless())
            : Optional.empty();
    Optional<String> list = filling().isPresent() ? Optional.empty() : spooled.flatMap(Spool::list);
    return kept().map(id -> PartialReceive.kept(id, list)).or(() -> useless);
  }

  private LiveState live() {
    Optional<Held> version = landing().or(this::torn);
    if (version.isPresent()) {
      return LiveState.identicalTo(version.get().id());
    }
    if (settled().isPresent()) {
      Held settled = settled().get();
      return isUnchanged(settled) ? LiveState.identicalTo(settled.id()) : LiveState.changed();
    }
    return kind == Kind.FILE || isForeignDevice() ? LiveState.foreign() : LiveState.absent();
  }

  private Snapshot snapshot(Held version) {
    long takenAt = Tags.takenAt(version.id());
    return new Snapshot(
        name,
        version.label(),
        version.id(),
        takenAt,
        Optional.of(takenAt).filter(t -> t > 0).map(Tags::instant));
  }
}
