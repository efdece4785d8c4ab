package io.replication4j.lvm;

import io.replication4j.NotFoundException;
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
    if (step instanceof SyncStep.RenameSnapshot rename) {
      return Optional.of(
          List.of(
              LvmCommands.rename(volume.snapshot(rename.from()), volume.snapshot(rename.to()))));
    } else if (step instanceof SyncStep.DestroySnapshot destroy) {
      return Optional.of(
          List.of(LvmCommands.removeSnapshot(volume.snapshot(destroy.name()), destroy.expected())));
    }
    return Optional.empty();
  }

  /** The snapshot comes last; before it, others get room. */
  List<Command> create(View view, SyncStep.CreateSnapshot step) {
    List<Command> commands = new ArrayList<>(new Room(view, options).enlargements());
    commands.add(VolumeKind.of(view, options).take(view, view.volume().snapshot(step.name())));
    return commands;
  }

  /** Of a step that depends on what was seen. */
  List<Command> commands(String host, View view, SyncStep step) {
    if (step instanceof SyncStep.CreateSnapshot create) {
      return create(view, create);
    } else if (step instanceof SyncStep.Prepare) {
      return prepare(view);
    } else if (step instanceof SyncStep.AbortReceive) {
      return abort(view);
    } else if (step instanceof SyncStep.RollBack back) {
      return rollBack(host, view, back.id());
    } else if (step instanceof SyncStep.KeepAside aside) {
      return aside.base().isPresent()
          ? keepAside(host, view, aside.asideName(), aside.base().get().id())
          : moveAside(view, aside.asideName());
    }
    throw unsupported(host, step);
  }

  /** A stray may have the name of what is to be made. */
  private List<Command> prepare(View view) {
    List<Command> commands = new ArrayList<>();
    for (LogicalVolume stray : view.strays()) {
      commands.add(LvmCommands.removeStray(stray.volume(), stray.id().orElseThrow()));
    }
    for (LogicalVolume misnamed : view.misnamed()) {
      commands.addAll(VolumeKind.of(view, options).follow(misnamed, view.volume()));
      commands.add(
          LvmCommands.rename(misnamed.volume(), view.volume().snapshot(view.label(misnamed))));
    }
    view.growing().ifPresent(g -> commands.add(LvmCommands.grow(view.volume(), g.bytes())));
    view.landing().ifPresent(landing -> commands.addAll(landing.commands(view.volume(), options)));
    for (LogicalVolume lost : view.lost()) {
      commands.add(remove(lost));
    }
    return commands;
  }

  private static Command remove(LogicalVolume version) {
    return LvmCommands.removeSnapshot(version.volume(), List.of(version.id().orElseThrow()));
  }

  /** The volume first forgets what was to be merged into it: without it, that is not merged. */
  private static List<Command> abort(View view) {
    List<Command> commands = new ArrayList<>();
    for (LogicalVolume remains : view.remains()) {
      List<String> announced =
          announced(view).stream()
              .filter(tag -> Next.of(List.of(tag)).map(Next::id).equals(remains.id()))
              .toList();
      if (!announced.isEmpty()) {
        commands.add(LvmCommands.changeTags(view.volume(), List.of(), announced));
      }
    }
    List<Volume> remains = view.remains().stream().map(LogicalVolume::volume).toList();
    if (view.remains().stream().anyMatch(v -> v.pool().isPresent())) { // pieces are lined up on it
      remains.forEach(volume -> commands.add(LvmCommands.sweep(volume)));
    }
    if (!remains.isEmpty()) {
      commands.add(LvmCommands.remove(remains));
    }
    return commands;
  }

  /** The tags of the volume that say what is to be merged into it, or was. */
  private static List<String> announced(View view) {
    return Tags.having(view.tags(), "next");
  }

  private List<Command> rollBack(String host, View view, VersionId id) {
    LogicalVolume back = requireVersion(host, view, id);
    List<Command> commands = new ArrayList<>(abort(view)); // on the way back it could be merged
    for (LogicalVolume newer : newerThan(view, id)) {
      commands.add(remove(newer));
    }
    commands.addAll(VolumeKind.of(view, options).backTo(view, back, Optional.empty()));
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

  /** By its identity: another snapshot may have got its name. */
  private static LogicalVolume requireVersion(String host, View view, VersionId id) {
    return view.version(id)
        .orElseThrow(
            () ->
                new NotFoundException(
                    view.volume()
                        + " on "
                        + host
                        + " does not hold version "
                        + id
                        + " any more: its snapshot was removed, or overflowed; nothing was"
                        + " changed. Plan again",
                    null));
  }

  private List<Command> keepAside(String host, View view, String asideName, VersionId id) {
    LogicalVolume base = requireVersion(host, view, id);
    Volume aside = view.volume().snapshot(asideName);
    List<Command> commands = new ArrayList<>(abort(view));
    for (LogicalVolume newer : newerThan(view, id)) { // they keep what is overwritten from now on
      if (newer.pool().isEmpty() && newer.bytes() < Room.most(view)) {
        commands.add(LvmCommands.enlarge(newer.volume(), Long.toString(Room.most(view))));
      }
    }
    for (LogicalVolume newer : newerThan(view, id)) {
      Volume kept = aside.snapshot(view.label(newer));
      commands.add(LvmCommands.rename(newer.volume(), kept));
      commands.add(LvmCommands.changeTags(kept, List.of(), Tags.having(newer.tags(), "id", "of")));
    }
    commands.addAll(VolumeKind.of(view, options).backTo(view, base, Optional.of(aside)));
    return commands;
  }

  /** The volume goes with its snapshots. */
  private List<Command> moveAside(View view, String asideName) {
    if (view.live().isEmpty()) {
      return List.of();
    }
    Volume aside = view.volume().snapshot(asideName);
    List<Command> commands = new ArrayList<>();
    for (LogicalVolume snapshot : view.snapshots()) {
      commands.addAll(VolumeKind.of(view, options).follow(snapshot, aside));
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
