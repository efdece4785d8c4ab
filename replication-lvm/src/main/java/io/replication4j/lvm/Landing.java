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
 * a whole volume    IMAGE    tagged as next, renamed to its place
 * an increment      ADOPTED  a snapshot of the volume, whose store is what was received
 *                   MERGING  the kernel makes the volume what the snapshot is
 *                   MERGED   it is; no snapshot says so yet
 * either            MARKED   a new, empty snapshot stands for the version
 * </pre>
 *
 * @param stage how far it came
 * @param incoming what was received, while it is there
 * @param spent the tags that have done their work when the version is marked
 */
record Landing(Stage stage, Next next, Optional<Volume> incoming, List<String> spent) {

  enum Stage {
    IMAGE,
    ADOPTED,
    MERGING,
    MERGED,
    MARKED
  }

  Landing {
    spent = List.copyOf(spent);
  }

  /** A whole volume that was received, and tagged as next. */
  static Landing ofImage(Next next, Volume incoming, List<String> tags) {
    return new Landing(Stage.IMAGE, next, Optional.of(incoming), spent(next, tags));
  }

  /** A snapshot that is to be merged into its origin. */
  static Landing ofSnapshot(Next next, Volume incoming) {
    return new Landing(Stage.ADOPTED, next, Optional.of(incoming), List.of(next.tag()));
  }

  private static List<String> spent(Next next, List<String> tags) {
    return Stream.concat(Stream.of(next.tag()), Tags.having(tags, "in", "id", "next").stream())
        .distinct()
        .toList();
  }

  /** How far the listing says that it came; empty: nothing is on its way. */
  static Optional<Landing> of(View view) {
    List<String> tags = view.live().map(LogicalVolume::tags).orElse(List.of());
    for (LogicalVolume incoming : view.incoming()) {
      Optional<Stage> stage = stage(view, incoming);
      if (stage.isPresent() && incoming.id().isPresent()) {
        Next next = new Next(incoming.id().get(), view.label(incoming));
        List<String> spent = spent(next, stage.get() == Stage.IMAGE ? incoming.tags() : tags);
        return Optional.of(new Landing(stage.get(), next, Optional.of(incoming.volume()), spent));
      }
    }
    return Next.of(tags)
        .map(
            next ->
                new Landing(
                    view.holds(next.id()) ? Stage.MARKED : Stage.MERGED,
                    next,
                    Optional.empty(),
                    spent(next, tags)));
  }

  private static Optional<Stage> stage(View view, LogicalVolume incoming) {
    if (incoming.merging()) {
      return Optional.of(Stage.MERGING);
    } else if (incoming.isSnapshotOf(view.volume())) {
      return Optional.of(Stage.ADOPTED).filter(adopted -> isApplicable(view, incoming));
    }
    return Optional.of(Stage.IMAGE)
        .filter(image -> view.live().isEmpty() && Next.of(incoming.tags()).isPresent());
  }

  /** An increment makes sense on its base only; a snapshot that is rolled back to, always. */
  private static boolean isApplicable(View view, LogicalVolume incoming) {
    Optional<VersionId> base = Tags.value(incoming.tags(), "base").map(VersionId::of);
    return !incoming.invalid()
        && (base.isEmpty()
            || base.flatMap(view::version).filter(LogicalVolume::isUntouched).isPresent());
  }

  /** The commands that remain. */
  List<Command> commands(Volume volume, LvmOptions options) {
    List<Command> commands = new ArrayList<>();
    if (stage == Stage.IMAGE) {
      commands.add(LvmCommands.rename(incoming.orElseThrow(), volume));
    } else if (stage == Stage.ADOPTED) {
      commands.add(LvmCommands.changeTags(volume, List.of(next.tag()), List.of()));
      commands.add(LvmCommands.merge(incoming.orElseThrow()));
    } else if (stage == Stage.MERGING) {
      commands.add(LvmCommands.resumeMerge(volume));
    }
    if (stage != Stage.MARKED) {
      commands.add(
          LvmCommands.markVersion(
              volume,
              volume.snapshot(next.label()),
              next.id().value(),
              options.markerPercent(),
              options.chunkBytes()));
    }
    commands.add(LvmCommands.changeTags(volume, List.of(), spent));
    return commands;
  }

  /** Whether the volume's content is still to be exchanged: nobody may have it open. */
  boolean needsClosedVolume() {
    return stage == Stage.ADOPTED || stage == Stage.MERGING;
  }
}
