package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.lvm.Tags.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A version on its way from what was received whole to what the volume is. It can be cut after
 * every command; the listing says how far it came.
 *
 * <pre>
 * a whole volume    IMAGE    a snapshot of it stands for the version; it is not in its place yet
 * an increment      ADOPTED  a snapshot of the volume, whose store is what was received
 * either            MERGING  the kernel makes the volume what the snapshot is
 *                   MERGED   it is; no snapshot says so yet
 *                   MARKED   a new, empty snapshot stands for the version
 * a thin increment  WRITTEN  in a snapshot of the volume; another stands for the version
 *                   REPLACING  it takes the volume's place when nobody has that open
 * </pre>
 *
 * @param stage how far it came
 * @param incoming what was received, while it is there
 * @param spent the tags that have done their work when all is done
 */
record Landing(Stage stage, Next next, Optional<Volume> incoming, List<String> spent) {

  enum Stage {
    IMAGE,
    ADOPTED,
    MERGING,
    MERGED,
    MARKED,
    WRITTEN,
    REPLACING
  }

  private static final String[] RECEIVED = {"in", "id", "digest"};

  Landing {
    spent = List.copyOf(spent);
  }

  /** A whole volume that was received, and of which a snapshot was taken. */
  static Landing ofImage(Next next, Volume incoming, List<String> tags) {
    return new Landing(Stage.IMAGE, next, Optional.of(incoming), Tags.having(tags, RECEIVED));
  }

  /**
   * A snapshot that is to be merged into its origin.
   *
   * @param tags of the origin
   */
  static Landing ofSnapshot(Next next, Volume incoming, List<String> tags) {
    return new Landing(Stage.ADOPTED, next, Optional.of(incoming), spent(next, tags));
  }

  private static List<String> spent(Next next, List<String> tags) {
    return Stream.concat(Stream.of(next.tag()), Tags.having(tags, "next", "grow").stream())
        .distinct()
        .toList();
  }

  /** How far the listing says that it came; empty: nothing is on its way. */
  static Optional<Landing> of(View view) {
    return view.live()
        .flatMap(Landing::ofPlaced)
        .or(
            () ->
                view.incoming().stream()
                    .flatMap(incoming -> of(view, incoming).stream())
                    .findFirst())
        .or(() -> view.live().flatMap(live -> ofTags(view, live.tags())))
        .filter(landing -> !(view.isDisproved() && landing.needsProof()));
  }

  /** A volume that took its place, and still says that it was received. */
  private static Optional<Landing> ofPlaced(LogicalVolume live) {
    return Optional.of(Tags.having(live.tags(), RECEIVED))
        .filter(tags -> live.id().isPresent() && Tags.value(tags, "in").isPresent())
        .map(
            tags ->
                new Landing(
                    Stage.MARKED,
                    new Next(live.id().orElseThrow(), "", Optional.empty()),
                    Optional.empty(),
                    tags));
  }

  private static Optional<Landing> of(View view, LogicalVolume incoming) {
    Next next =
        new Next(
            incoming.id().orElseThrow(),
            view.label(incoming),
            Tags.value(incoming.tags(), "digest"));
    if (view.isMarked(incoming)) {
      return Optional.of(ofImage(next, incoming.volume(), incoming.tags()));
    }
    if (incoming.pool().isPresent()) {
      return ofThin(view, next, incoming);
    }
    Landing adopted = ofSnapshot(next, incoming.volume(), view.tags());
    if (incoming.merging()) {
      return Optional.of(new Landing(Stage.MERGING, next, adopted.incoming(), adopted.spent()));
    }
    return Optional.of(adopted)
        .filter(
            a ->
                incoming.isWhole()
                    && incoming.isSnapshotOf(view.volume())
                    && isApplicable(view, incoming));
  }

  private static Optional<Landing> ofThin(View view, Next next, LogicalVolume incoming) {
    Stage stage = incoming.merging() ? Stage.REPLACING : Stage.WRITTEN;
    return Optional.of(new Landing(stage, next, Optional.of(incoming.volume()), List.of()))
        .filter(
            landing ->
                incoming.merging()
                    || (view.isWhole(incoming)
                        && incoming.isSnapshotOf(view.volume())
                        && isApplicable(view, incoming)));
  }

  private static Optional<Landing> ofTags(View view, List<String> tags) {
    return Next.of(tags)
        .filter(next -> !view.isIncoming(next.id())) // merged only when nothing is left to merge
        .map(
            next ->
                new Landing(
                    view.version(next.id()).isPresent() ? Stage.MARKED : Stage.MERGED,
                    next,
                    Optional.empty(),
                    spent(next, tags)));
  }

  /** An increment makes sense on its base only. */
  private static boolean isApplicable(View view, LogicalVolume incoming) {
    return !incoming.invalid()
        && Tags.value(incoming.tags(), "base")
            .flatMap(base -> view.version(VersionId.of(base)))
            .filter(view::holds)
            .isPresent();
  }

  /** The commands that remain. */
  List<Command> commands(Volume volume, LvmOptions options) {
    List<Command> commands = new ArrayList<>();
    if (stage == Stage.IMAGE) {
      commands.add(LvmCommands.rename(incoming.orElseThrow(), volume));
    } else if (stage == Stage.ADOPTED) {
      commands.add(LvmCommands.changeTags(volume, List.of(next.tag()), others()));
      commands.add(LvmCommands.merge(incoming.orElseThrow()));
    } else if (stage == Stage.WRITTEN) {
      commands.add(ThinCommands.replace(incoming.orElseThrow()));
    } else if (stage == Stage.MERGING || stage == Stage.REPLACING) {
      commands.add(LvmCommands.resumeMerge(volume));
    }
    if (stage == Stage.ADOPTED || stage == Stage.MERGING || stage == Stage.MERGED) {
      commands.add(
          options.mark(volume, List.of(next.tag()), volume.snapshot(next.label()), next.id()));
    }
    if (!spent.isEmpty()) {
      commands.add(LvmCommands.changeTags(volume, List.of(), spent));
    }
    return commands;
  }

  /** What the volume was to become before, and does not. */
  private List<String> others() {
    return Tags.having(spent, "next").stream().filter(tag -> !tag.equals(next.tag())).toList();
  }

  /**
   * Whether somebody may have written to the volume since the merge, unseen: then what it holds has
   * to be compared with what was received.
   */
  boolean needsProof() {
    return stage == Stage.MERGED && next.digest().isPresent();
  }

  /** Whether the version is one already. */
  boolean isMarked() {
    return stage == Stage.MARKED;
  }

  /** What nobody may have open: the volume, while its content is exchanged, or what becomes it. */
  Optional<Volume> closed(Volume volume) {
    boolean exchanged =
        stage == Stage.ADOPTED
            || stage == Stage.MERGING
            || stage == Stage.WRITTEN
            || stage == Stage.REPLACING;
    return stage == Stage.IMAGE ? incoming : Optional.of(volume).filter(v -> exchanged);
  }
}
