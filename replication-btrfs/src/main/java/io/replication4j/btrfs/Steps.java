package io.replication4j.btrfs;

import io.replication4j.SyncStep;
import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The commands of the steps that need no look in between. Pure. */
final class Steps {

  /** A set that is being taken becomes a set by one rename, when it is whole. */
  private static final String NEW = "new-";

  private Steps() {}

  static List<Command> prepare(View view) {
    BtrfsLayout layout = view.layout();
    List<Command> commands = new ArrayList<>();
    commands.add(BtrfsCommands.makeDirectories(BtrfsLayout.parentOf(layout.holder())));
    if (view.at(layout.holder()).isEmpty()) {
      commands.add(BtrfsCommands.createSubvolume(layout.holder()));
    }
    commands.add(BtrfsCommands.makePrivate(List.of(layout.holder(), layout.leafDirectory())));
    if (!layout.isMountPoint()) {
      commands.add(BtrfsCommands.makeDirectories(BtrfsLayout.parentOf(layout.path())));
    }
    commands.addAll(CopyInstaller.placing(view));
    return commands;
  }

  private static String making(String name) {
    return NEW + BtrfsLayout.encode(name);
  }

  /** What there is of a set of that name whose taking was cut. */
  static List<View.Entry> begun(View view, String name) {
    return view.internal(making(name));
  }

  /**
   * One batch for all sets: their subvolumes one right after the other. A snapshot shows an empty
   * directory where a subvolume was nested; a stream never speaks of it, so on a host whose roles
   * were reversed it would be in the way of what is received: it is removed from the snapshot
   * before that gets its name.
   */
  static List<Command> createSnapshots(List<View> views, List<SyncStep.CreateSnapshot> steps) {
    List<Command> commands = new ArrayList<>();
    List<String> left = new ArrayList<>();
    List<String> fresh = new ArrayList<>();
    List<List<String>> snapshots = new ArrayList<>();
    List<String> places = new ArrayList<>();
    List<Command> renames = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      View view = views.get(i);
      begun(view, steps.get(i).name()).forEach(entry -> left.add(view.pathOf(entry)));
      String set = view.layout().internal(making(steps.get(i).name()));
      fresh.add(set);
      for (String member : steps.get(i).members()) {
        String snapshot = set + "/" + BtrfsLayout.entry(member);
        snapshots.add(List.of(view.layout().live(member), snapshot));
        view.nestedIn(member).forEach(nested -> places.add(snapshot + "/" + nested));
      }
      renames.add(BtrfsCommands.rename(set, view.layout().set(steps.get(i).name())));
    }
    if (!left.isEmpty()) {
      commands.add(BtrfsCommands.delete(left));
    }
    commands.add(BtrfsCommands.makeDirectories(fresh));
    if (places.isEmpty()) {
      commands.add(BtrfsCommands.readOnlySnapshots(snapshots));
    } else {
      commands.add(BtrfsCommands.writableSnapshots(snapshots));
      commands.add(BtrfsCommands.removePlaces(places));
      commands.add(
          BtrfsCommands.setReadOnly(
              snapshots.stream().map(fromTo -> fromTo.get(1)).toList(), true));
    }
    commands.addAll(renames);
    return commands;
  }

  static List<Command> destroy(View view, SyncStep.DestroySnapshot step) {
    Set<String> paths = new LinkedHashSet<>();
    for (String member : step.members()) {
      paths.add(pathOf(view, step.name(), member));
    }
    if (step.members().contains("")) { // the set goes: also what was taken of members that are gone
      view.set(step.name()).stream()
          .filter(e -> isOrphan(view, e))
          .map(view::pathOf)
          .forEach(paths::add);
    }
    return List.of(
        BtrfsCommands.delete(List.copyOf(paths)),
        BtrfsCommands.removeDirectory(view.layout().set(step.name())));
  }

  private static boolean isOrphan(View view, View.Entry entry) {
    return view.takenOf(entry).isEmpty()
        && (entry.subvolume().receivedUuid().isEmpty() || !view.live().containsKey(entry.path()));
  }

  /** Where the member's snapshot lies: under an older path if it was renamed since. */
  static String pathOf(View view, String name, String member) {
    return view.set(name).stream()
        .filter(entry -> view.memberOf(entry).equals(member))
        .findFirst()
        .map(view::pathOf)
        .orElseGet(() -> view.layout().snapshot(name, member));
  }

  static List<Command> rename(BtrfsLayout layout, SyncStep.RenameSnapshot step) {
    return List.of(BtrfsCommands.rename(layout.set(step.from()), layout.set(step.to())));
  }

  /** Waits for the room to be free again: what filled the target may be what is deleted. */
  static List<Command> abort(View view, SyncStep.AbortReceive step) {
    List<Command> commands = new ArrayList<>(removePartial(view, step.members()));
    if (step.members().contains("")) {
      commands.add(BtrfsCommands.removeSpools(view.layout().leafDirectory()));
    }
    return commands;
  }

  /** Nothing where nothing was received in part; fails while it is still being received. */
  static List<Command> removePartial(View view, List<String> members) {
    List<View.Entry> partial =
        view.partial().stream().filter(e -> members.contains(e.path())).toList();
    if (partial.isEmpty()) {
      return List.of();
    }
    return List.of(
        BtrfsCommands.requireNoReceiver(
            partial.stream().map(e -> BtrfsLayout.parentOf(view.pathOf(e))).distinct().toList()),
        BtrfsCommands.deleteAndCommit(partial.stream().map(view::pathOf).toList()),
        BtrfsCommands.waitUntilGone(
            view.layout().mount().point(), partial.stream().map(e -> e.subvolume().id()).toList()));
  }

  static List<Command> setProperty(BtrfsLayout layout, SyncStep.SetProperty step) {
    return List.of(
        BtrfsCommands.setProperty(layout.live(step.member()), step.property(), step.value()));
  }

  static UnsupportedException unsupported(String host, SyncStep step) {
    return new UnsupportedException(
        "btrfs on "
            + host
            + " has no "
            + step.getClass().getSimpleName()
            + ": "
            + (step instanceof SyncStep.RenameMember || step instanceof SyncStep.DestroyMember
                ? "a target's subvolumes follow their source with the next copy that is installed"
                : "a snapshot stays until it is destroyed, and only a snapshot can be a base; drop"
                    + " the step from the plan"),
        null);
  }
}
