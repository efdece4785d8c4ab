package io.replication4j.btrfs;

import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells whether a copy differs from what was installed by more than access times. A copy whose generation is that of its witness
 * was not touched. Of any other a read-only snapshot is taken, and both directions of an incremental send without data are
 * read: nothing but times may be in them, and the modification times must be the same in both.
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

  /** The commands of a check that finds no change. */
  static List<Command> commands(BtrfsLayout layout, String name, List<String> members, String slot) {
    List<Command> commands = new ArrayList<>();
    commands.add(BtrfsCommands.makeDirectories(layout.internal(View.CHECK)));
    commands.add(snapshots(layout, layout.path(), members));
    for (String member : members) {
      commands.add(compare(layout.snapshot(name, member), checked(layout, member)));
      commands.add(compare(checked(layout, member), layout.snapshot(name, member)));
    }
    commands.add(BtrfsCommands.rename(layout.internal(View.CHECK), layout.internal(slot)));
    return commands;
  }

  /** The first change found in the tree of copies at {@code top}; what was proven unchanged gets a new witness. */
  Optional<Change> check(View view, String top) throws InterruptedException {
    Map<String, Subvolume> tree = view.tree(top);
    Optional<Change> structure = structure(view, tree);
    if (structure.isPresent()) {
      return structure;
    }
    List<Doubt> doubts = new ArrayList<>();
    for (Map.Entry<String, Subvolume> member : tree.entrySet()) {
      Optional<Change> change = doubt(view, member.getKey(), member.getValue(), doubts);
      if (change.isPresent()) {
        return change;
      }
    }
    return doubts.isEmpty() ? Optional.empty() : compare(view, top, doubts);
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

  private static Optional<Change> doubt(View view, String member, Subvolume copy, List<Doubt> doubts) {
    List<View.Entry> witnesses = view.witnesses(copy);
    Optional<View.Entry> origin = view.originOf(copy);
    if (witnesses.isEmpty() && origin.isEmpty()) {
      return Optional.of(new Change(member, VersionId.of(copy.uuid()), "subvolume '" + member + "' was not made by us"));
    }
    View.Entry base = witnesses.isEmpty() ? origin.get() : witnesses.get(0);
    if (witnesses.isEmpty() || base.subvolume().createdIn() != copy.generation()) {
      doubts.add(new Doubt(member, copy, base, VersionId.of(origin.orElse(base).subvolume().identity())));
    }
    return Optional.empty();
  }

  private Optional<Change> compare(View view, String top, List<Doubt> doubts) throws InterruptedException {
    BtrfsLayout layout = view.layout();
    List<String> members = doubts.stream().map(Doubt::member).toList();
    discard(view, runner, host);
    host.run(BtrfsCommands.makeDirectories(layout.internal(View.CHECK)), runner);
    host.run(snapshots(layout, top, members), runner);
    for (Doubt doubt : doubts) {
      Optional<String> difference = difference(view.pathOf(doubt.base()), checked(layout, doubt.member()));
      if (difference.isPresent()) {
        deleteChecked(layout, members);
        return Optional.of(new Change(doubt.member(), doubt.version(), difference.get()));
      }
    }
    host.run(BtrfsCommands.rename(layout.internal(View.CHECK), layout.internal(view.freeSlot())), runner);
    return Optional.empty();
  }

  /** Deletes what a check that was cut left behind. */
  static void discard(View view, CommandRunner runner, BtrfsHost host) throws InterruptedException {
    List<String> left = view.internal(View.CHECK).stream().map(view::pathOf).toList();
    if (!left.isEmpty()) {
      host.run(BtrfsCommands.delete(left), runner);
    }
  }

  private void deleteChecked(BtrfsLayout layout, List<String> members) throws InterruptedException {
    host.run(BtrfsCommands.delete(members.stream().map(m -> checked(layout, m)).toList()), runner);
    host.run(BtrfsCommands.removeDirectory(layout.internal(View.CHECK)), runner);
  }

  private Optional<String> difference(String base, String now) throws InterruptedException {
    SendStream.Summary forth = read(compare(base, now));
    if (forth.change().isPresent()) {
      return forth.change();
    }
    SendStream.Summary back = read(compare(now, base));
    if (back.change().isPresent()) {
      return back.change();
    }
    return forth.times().equals(back.times()) ? Optional.empty() : Optional.of("modification times changed");
  }

  private SendStream.Summary read(Command command) throws InterruptedException {
    long start = System.nanoTime();
    try (RunningCommand running = runner.start(command)) {
      running.stdin().close();
      SendStream.Summary summary = SendStream.read(running.stdout(), command + " on " + runner.host());
      if (summary.change().isEmpty()) {
        requireSuccess(command, running, start);
      }
      return summary;
    } catch (IOException e) {
      throw new ConnectionLostException(command + " on " + runner.host() + ": its output broke off; run again", e);
    }
  }

  private void requireSuccess(Command command, RunningCommand running, long start) throws InterruptedException {
    int status = running.waitFor();
    if (status != 0) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      throw BtrfsErrors.of(runner.host(), command, new CommandResult(status, "", running.errorTail(), elapsed));
    }
  }

  private static Command compare(String base, String now) {
    return BtrfsCommands.send(List.of("--no-data"), List.of(base), List.of(), List.of(now));
  }

  private static Command snapshots(BtrfsLayout layout, String top, List<String> members) {
    return BtrfsCommands.readOnlySnapshots(
        members.stream().map(m -> List.of(BtrfsLayout.at(top, m), checked(layout, m))).toList());
  }

  private static String checked(BtrfsLayout layout, String member) {
    return layout.internal(View.CHECK) + "/" + BtrfsLayout.entry(member);
  }
}
