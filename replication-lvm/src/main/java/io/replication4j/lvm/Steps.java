package io.replication4j.lvm;

import io.replication4j.SyncStep;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.lvm.Tags.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The commands of the steps. Pure. */
final class Steps {

  private final LvmOptions options;

  Steps(LvmOptions options) {
    this.options = options;
  }

  /** Of a step that needs no look; empty for one that does. */
  Optional<List<Command>> commands(Volume volume, SyncStep step) {
    if (step instanceof SyncStep.CreateSnapshot create) {
      return Optional.of(List.of(create(volume, create)));
    } else if (step instanceof SyncStep.RenameSnapshot rename) {
      return Optional.of(
          List.of(
              LvmCommands.rename(volume.snapshot(rename.from()), volume.snapshot(rename.to()))));
    } else if (step instanceof SyncStep.DestroySnapshot destroy) {
      return Optional.of(
          List.of(LvmCommands.remove(volume.snapshot(destroy.name()), destroy.expected())));
    }
    return Optional.empty();
  }

  Command create(Volume volume, SyncStep.CreateSnapshot step) {
    return LvmCommands.takeSnapshot(
        volume, volume.snapshot(step.name()), options.reservePercent(), options.chunkBytes());
  }

  /** Of a step that depends on what was seen. */
  List<Command> commands(String host, View view, SyncStep step) {
    if (step instanceof SyncStep.Prepare) {
      return prepare(view);
    } else if (step instanceof SyncStep.AbortReceive) {
      return abort(view);
    } else if (step instanceof SyncStep.RollBack back) {
      return rollBack(view, back.to(), back.id());
    } else if (step instanceof SyncStep.KeepAside aside) {
      return aside.base().isPresent()
          ? keepAside(view, aside.asideName(), aside.base().get())
          : moveAside(view, aside.asideName());
    }
    throw unsupported(host, step);
  }

  private List<Command> prepare(View view) {
    List<Command> commands = new ArrayList<>();
    view.landing().ifPresent(landing -> commands.addAll(landing.commands(view.volume(), options)));
    if (!view.lost().isEmpty()) {
      commands.add(LvmCommands.remove(view.lost().stream().map(LogicalVolume::volume).toList()));
    }
    return commands;
  }

  private static List<Command> abort(View view) {
    List<Volume> remains = view.remains().stream().map(LogicalVolume::volume).toList();
    return remains.isEmpty() ? List.of() : List.of(LvmCommands.remove(remains));
  }

  private List<Command> rollBack(View view, String label, VersionId id) {
    List<Command> commands = new ArrayList<>();
    List<LogicalVolume> newer = newerThan(view, id);
    if (!newer.isEmpty()) {
      commands.add(LvmCommands.remove(newer.stream().map(LogicalVolume::volume).toList()));
    }
    commands.addAll(backTo(view, label, id));
    return commands;
  }

  private static List<LogicalVolume> newerThan(View view, VersionId id) {
    return view.versions().stream()
        .filter(v -> Long.compareUnsigned(takenAt(v), Tags.takenAt(id)) > 0)
        .toList();
  }

  private static long takenAt(LogicalVolume version) {
    return Tags.takenAt(version.id().orElseThrow());
  }

  /** The snapshot that stands for the version is merged back, and made anew. */
  private List<Command> backTo(View view, String label, VersionId id) {
    Volume volume = view.volume();
    Volume snapshot = view.version(id).map(LogicalVolume::volume).orElse(volume.snapshot(label));
    Next next = new Next(id, volume.label(snapshot.name()), Optional.empty());
    List<Command> commands = new ArrayList<>();
    List<String> tags = view.live().map(LogicalVolume::tags).orElse(List.of());
    List<String> obsolete = Tags.having(tags, "next");
    if (!obsolete.isEmpty()) {
      commands.add(LvmCommands.changeTags(volume, List.of(), obsolete));
    }
    commands.addAll(Landing.ofSnapshot(next, snapshot).commands(volume, options));
    return commands;
  }

  private List<Command> keepAside(View view, String asideName, SyncStep.Base base) {
    Volume aside = view.volume().snapshot(asideName);
    List<Command> commands = new ArrayList<>();
    commands.add(LvmCommands.keepAside(view.volume(), aside));
    for (LogicalVolume newer : newerThan(view, base.id())) {
      Volume kept = aside.snapshot(view.label(newer));
      commands.add(LvmCommands.rename(newer.volume(), kept));
      commands.add(
          LvmCommands.changeTags(kept, List.of(), List.of(Tags.id(newer.id().orElseThrow()))));
    }
    commands.addAll(backTo(view, base.name(), base.id()));
    return commands;
  }

  /** The volume goes with its snapshots. */
  private static List<Command> moveAside(View view, String asideName) {
    if (view.live().isEmpty()) {
      return List.of();
    }
    Volume aside = view.volume().snapshot(asideName);
    List<Command> commands = new ArrayList<>();
    for (LogicalVolume snapshot : view.snapshots()) {
      commands.add(LvmCommands.rename(snapshot.volume(), aside.snapshot(view.label(snapshot))));
    }
    commands.add(LvmCommands.rename(view.volume(), aside));
    return commands;
  }

  static UnsupportedException unsupported(String host, SyncStep step) {
    return new UnsupportedException(
        "LVM on "
            + host
            + " has no "
            + step.getClass().getSimpleName()
            + ": a volume is a filesystem without children and properties, a version is merged into"
            + " it when it was received, and only a snapshot can be a base; drop the step from the"
            + " plan",
        null);
  }
}
