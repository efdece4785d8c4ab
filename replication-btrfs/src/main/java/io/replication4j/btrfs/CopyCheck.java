package io.replication4j.btrfs;

import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells whether a copy differs from what was installed by more than access times. A copy whose
 * generation is that of its witness was not touched. Of any other a read-only snapshot is taken,
 * and both directions of an incremental send without data are read: nothing but times may be in
 * them, and the modification times must be the same in both.
 */
final class CopyCheck {

  /**
   * A change that may not be lost.
   *
   * @param base what the copy was made from
   */
  record Change(String member, VersionId base, String detail) {}

  private record Doubt(String member, Subvolume copy, View.Entry base, VersionId version) {}

  private final BtrfsHost host;
  private final CommandRunner runner;

  CopyCheck(BtrfsHost host, CommandRunner runner) {
    this.host = host;
    this.runner = runner;
  }

  /**
   * What a check found.
   *
   * @param change the first change; empty: there is none
   * @param compared whether anything had to be compared, so that there are new witnesses now
   */
  record Result(Optional<Change> change, boolean compared) {}

  /** The members that were touched since they were installed. */
  List<String> doubtful(View view, String top) {
    return doubts(view, top).stream().map(Doubt::member).toList();
  }

  /** The view without the internal snapshots that a check of these members deletes. */
  static View swept(View view, String top) {
    List<Doubt> doubts = doubts(view, top);
    Set<Subvolume> gone = new HashSet<>();
    replaced(view, doubts).forEach(entry -> gone.add(entry.subvolume()));
    view.internal(View.CHECK).forEach(entry -> gone.add(entry.subvolume()));
    return doubts.isEmpty() ? view : view.without(gone);
  }

  private static List<View.Entry> replaced(View view, List<Doubt> doubts) {
    return doubts.stream()
        .flatMap(doubt -> view.witnesses(doubt.copy()).stream())
        .filter(View.Entry::isInternal)
        .toList();
  }

  private static List<Doubt> doubts(View view, String top) {
    List<Doubt> doubts = new ArrayList<>();
    view.tree(top).forEach((member, copy) -> doubt(view, member, copy, doubts));
    return doubts;
  }

  /**
   * The commands of a check of what {@code view} shows, if it finds no change; none if nothing was
   * touched.
   */
  List<Command> commands(View view, String top) {
    List<Doubt> doubts = doubts(view, top);
    List<Command> commands = new ArrayList<>();
    if (!doubts.isEmpty()) {
      commands.addAll(preparation(view, top, doubts));
      for (Doubt doubt : doubts) {
        commands.add(
            Comparison.command(view.pathOf(doubt.base()), checked(view.layout(), doubt.member())));
        commands.add(
            Comparison.command(checked(view.layout(), doubt.member()), view.pathOf(doubt.base())));
      }
      commands.addAll(promotion(view, doubts));
    }
    return commands;
  }

  /**
   * Compares the tree of copies at {@code top} with what was installed; what is proven unchanged
   * gets a new witness.
   */
  Result check(View view, String top) throws InterruptedException {
    Map<String, Subvolume> tree = view.tree(top);
    Optional<Change> change = structure(view, tree);
    List<Doubt> doubts = new ArrayList<>();
    for (Map.Entry<String, Subvolume> member : tree.entrySet()) {
      change = change.or(() -> doubt(view, member.getKey(), member.getValue(), doubts));
    }
    if (change.isPresent() || doubts.isEmpty()) {
      return new Result(change, false);
    }
    return new Result(compare(view, top, doubts), true);
  }

  private static Optional<Change> structure(View view, Map<String, Subvolume> tree) {
    Optional<View.Entry> origin = Optional.ofNullable(tree.get("")).flatMap(view::originOf);
    if (origin.isEmpty()) {
      return Optional.empty();
    }
    VersionId base = VersionId.of(origin.get().subvolume().identity());
    return view.set(origin.get().name()).stream()
        .map(View.Entry::path)
        .filter(path -> !tree.containsKey(path))
        .findFirst()
        .map(path -> new Change(path, base, "subvolume '" + path + "' deleted"));
  }

  private static Optional<Change> doubt(
      View view, String member, Subvolume copy, List<Doubt> doubts) {
    List<View.Entry> witnesses = view.witnesses(copy);
    Optional<View.Entry> origin = view.originOf(copy);
    if (witnesses.isEmpty() && origin.isEmpty()) {
      return Optional.of(
          new Change(
              member, VersionId.of(copy.uuid()), "subvolume '" + member + "' was not made by us"));
    }
    View.Entry base = witnesses.isEmpty() ? origin.get() : witnesses.get(0);
    if (witnesses.isEmpty() || base.subvolume().createdIn() != copy.generation()) {
      doubts.add(
          new Doubt(member, copy, base, VersionId.of(origin.orElse(base).subvolume().identity())));
    }
    return Optional.empty();
  }

  private Optional<Change> compare(View view, String top, List<Doubt> doubts)
      throws InterruptedException {
    host.runAll(preparation(view, top, doubts), runner);
    for (Doubt doubt : doubts) {
      Optional<String> difference =
          Comparison.difference(
              view.pathOf(doubt.base()), checked(view.layout(), doubt.member()), runner);
      if (difference.isPresent()) {
        host.run(
            BtrfsCommands.delete(
                doubts.stream().map(d -> checked(view.layout(), d.member())).toList()),
            runner);
        return Optional.of(new Change(doubt.member(), doubt.version(), difference.get()));
      }
    }
    host.runAll(promotion(view, doubts), runner);
    return Optional.empty();
  }

  /** Deletes what a check that was cut left behind, and takes the snapshots of this one. */
  private static List<Command> preparation(View view, String top, List<Doubt> doubts) {
    List<Command> commands = new ArrayList<>(removal(view));
    commands.add(BtrfsCommands.makeDirectories(view.layout().internal(View.CHECK)));
    commands.add(snapshots(view.layout(), top, doubts.stream().map(Doubt::member).toList()));
    return commands;
  }

  /** Deletes what a check that was cut left behind; none if it left nothing. */
  static List<Command> removal(View view) {
    List<String> left = view.internal(View.CHECK).stream().map(view::pathOf).toList();
    return left.isEmpty() ? List.of() : List.of(BtrfsCommands.delete(left));
  }

  /** What was compared becomes the witness, in place of the one before. */
  private static List<Command> promotion(View view, List<Doubt> doubts) {
    List<Command> commands = new ArrayList<>();
    List<String> replaced = replaced(view, doubts).stream().map(view::pathOf).toList();
    if (!replaced.isEmpty()) {
      commands.add(BtrfsCommands.delete(replaced));
    }
    commands.add(
        BtrfsCommands.rename(
            view.layout().internal(View.CHECK), view.layout().internal(view.freeSlot())));
    return commands;
  }

  private static Command snapshots(BtrfsLayout layout, String top, List<String> members) {
    return BtrfsCommands.readOnlySnapshots(
        members.stream().map(m -> List.of(BtrfsLayout.at(top, m), checked(layout, m))).toList());
  }

  private static String checked(BtrfsLayout layout, String member) {
    return layout.internal(View.CHECK) + "/" + BtrfsLayout.entry(member);
  }
}
