package io.replication4j.btrfs;

import static java.util.Objects.requireNonNull;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.DivergedException;
import io.replication4j.Endpoint;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.btrfs.CopyCheck.Change;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts copies of a set of snapshots at the final location: builds the tree beside, takes a witness of each copy, exchanges the
 * two names, and then settles what stood there before. Whatever an earlier installation left is settled first.
 */
final class CopyInstaller {

  private static final Logger LOG = LoggerFactory.getLogger(CopyInstaller.class);

  private final BtrfsHost host;
  private final BtrfsOptions options;
  private final Exchange exchange;
  private final CommandRunner runner;
  private final CopyCheck check;

  CopyInstaller(BtrfsHost host, BtrfsOptions options, Exchange exchange, CommandRunner runner) {
    this.host = host;
    this.options = options;
    this.exchange = exchange;
    this.runner = runner;
    this.check = new CopyCheck(host, runner);
  }

  /** What becomes of the copy that is replaced. */
  enum Fate {
    DISCARD,
    /** Discarded if it holds no change; else it is put back. */
    DISCARD_UNCHANGED
  }

  // ------------------------------------------------------------------ commands

  /** The commands of an installation in which nothing goes wrong. */
  List<Command> commands(View view, String name, List<String> members) throws InterruptedException {
    BtrfsLayout layout = view.layout();
    List<Command> commands = new ArrayList<>(build(layout, name, sorted(members), view.freeSlot()));
    commands.addAll(swap(view));
    view.at(layout.path()).ifPresent(old -> commands.addAll(deletion(view, layout.path(), layout.next())));
    return commands;
  }

  private List<Command> build(BtrfsLayout layout, String name, List<String> members, String slot) {
    List<Command> commands = new ArrayList<>();
    commands.add(BtrfsCommands.setReadOnly(members.stream().map(m -> layout.snapshot(name, m)).toList(), true));
    commands.add(BtrfsCommands.writableSnapshots(pairs(members, m -> layout.snapshot(name, m), m -> copy(layout, m))));
    restoreTimes(layout, name, members).ifPresent(commands::add);
    commands.add(BtrfsCommands.makeDirectories(layout.internal(slot)));
    commands.add(
        BtrfsCommands.readOnlySnapshots(
            pairs(members, m -> copy(layout, m), m -> layout.internal(slot) + "/" + BtrfsLayout.entry(m))));
    if (options.copy() == BtrfsOptions.Copy.READ_ONLY) {
      commands.add(BtrfsCommands.setReadOnly(members.stream().map(m -> copy(layout, m)).toList(), true));
    }
    return commands;
  }

  /** Placing a nested copy changes the times of the directory that it is placed in. */
  private static Optional<Command> restoreTimes(BtrfsLayout layout, String name, List<String> members) {
    List<List<String>> directories = new ArrayList<>();
    for (String member : members) {
      if (!member.isEmpty()) {
        String holder = holderOf(member, members);
        String directory = member.contains("/") ? member.substring(0, member.lastIndexOf('/')) : "";
        String below = directory.substring(Math.min(directory.length(), holder.isEmpty() ? 0 : holder.length()));
        directories.add(List.of(layout.snapshot(name, holder) + slashed(below), copy(layout, directory)));
      }
    }
    return directories.isEmpty() ? Optional.empty() : Optional.of(BtrfsCommands.copyTimes(directories.stream().distinct().toList()));
  }

  private static String slashed(String path) {
    return path.isEmpty() || path.startsWith("/") ? path : "/" + path;
  }

  /** The member whose snapshot holds the directory that {@code member} lies in. */
  private static String holderOf(String member, List<String> members) {
    return members.stream()
        .filter(other -> !other.equals(member) && (other.isEmpty() || member.startsWith(other + "/")))
        .max(java.util.Comparator.comparingInt(String::length))
        .orElse("");
  }

  private List<Command> swap(View view) throws InterruptedException {
    BtrfsLayout layout = view.layout();
    return view.at(layout.path()).isPresent()
        ? exchange.commands(layout.next(), layout.path(), layout.old(), runner)
        : List.of(BtrfsCommands.rename(layout.next(), layout.path()));
  }

  private static List<List<String>> pairs(
      List<String> members, java.util.function.UnaryOperator<String> from, java.util.function.UnaryOperator<String> to) {
    return members.stream().map(m -> List.of(from.apply(m), to.apply(m))).toList();
  }

  private static String copy(BtrfsLayout layout, String member) {
    return BtrfsLayout.at(layout.next(), member);
  }

  private static List<String> sorted(List<String> members) {
    return List.copyOf(new TreeSet<>(members));
  }

  // ------------------------------------------------------------------ installing

  /** Installs copies of the set, unless they stand there. */
  void install(FilesystemName root, String name, List<String> members, Fate fate) throws InterruptedException {
    View view = cleaned(root);
    if (!isInstalled(view, name, members)) {
      place(view, name, sorted(members));
      settle(host.look(root, fate == Fate.DISCARD_UNCHANGED, runner), fate);
    }
    settleForgotten(root);
  }

  /** Installs copies of the set, and keeps what stood there, with its changes, under another path. */
  void installKeeping(FilesystemName root, String name, List<String> members, String aside) throws InterruptedException {
    View view = cleaned(root);
    if (!isInstalled(view, name, members)) {
      place(view, name, sorted(members));
      view = host.look(root, false, runner);
      if (view.at(view.layout().next()).isPresent()) {
        host.run(BtrfsCommands.rename(view.layout().next(), aside), runner);
        LOG.warn("{} on {}: what was changed there is kept as {}", root, runner.host(), aside);
      }
      deleteStaleWitnesses(host.look(root, false, runner));
    }
    settleForgotten(root);
  }

  private void place(View view, String name, List<String> members) throws InterruptedException {
    requireExchangeable(view.layout());
    requireSet(view, name, members);
    host.runAll(build(view.layout(), name, members, view.freeSlot()), runner);
    host.runAll(swap(view), runner);
  }

  private void requireExchangeable(BtrfsLayout layout) {
    if (layout.isMountPoint()) {
      throw new BusyException(
          layout.root() + " on " + runner.host() + " is a mount point, which cannot be exchanged; nothing was changed. Name a"
              + " subvolume below it as the target",
          null);
    }
  }

  private void requireSet(View view, String name, List<String> members) {
    for (String member : members) {
      if (view.entry(name, member).isEmpty()) {
        throw new NotFoundException(
            view.layout().root().child(member) + " on " + runner.host() + " has no snapshot " + name
                + " to install a copy of; plan again",
            null);
      }
    }
  }

  private static boolean isInstalled(View view, String name, List<String> members) {
    return view.live().size() == members.size()
        && members.stream()
            .allMatch(m -> view.entry(name, m).filter(e -> isUntouchedCopy(view, e, view.live().get(m))).isPresent());
  }

  private static boolean isUntouchedCopy(View view, View.Entry entry, @org.jspecify.annotations.Nullable Subvolume live) {
    return live != null
        && view.witnesses(live).stream()
            .filter(w -> w.subvolume().createdIn() == live.generation())
            .anyMatch(w -> w.equals(entry) || (w.isInternal() && live.isSnapshotOf(entry.subvolume())));
  }

  // ------------------------------------------------------------------ settling what was replaced

  private void settle(View view, Fate fate) throws InterruptedException {
    BtrfsLayout layout = view.layout();
    if (view.at(layout.next()).isPresent()) {
      if (fate == Fate.DISCARD_UNCHANGED) {
        requireUnchanged(view);
        view = host.look(layout.root(), false, runner);
      }
      host.runAll(deletion(view, layout.next(), layout.next()), runner);
    }
    deleteStaleWitnesses(host.look(layout.root(), false, runner));
  }

  private void requireUnchanged(View view) throws InterruptedException {
    BtrfsLayout layout = view.layout();
    Optional<Change> change = check.check(view, layout.next());
    if (change.isPresent()) {
      host.runAll(exchange.commands(layout.next(), layout.path(), layout.old(), runner), runner);
      View now = host.look(layout.root(), false, runner);
      host.runAll(deletion(now, layout.next(), layout.next()), runner);
      deleteStaleWitnesses(host.look(layout.root(), false, runner));
      throw diverged(layout, change.get());
    }
  }

  DivergedException diverged(BtrfsLayout layout, Change change) {
    return new DivergedException(
        new Conflict.Diverged(
            new Endpoint("btrfs", runner.host(), layout.root()), change.member(), change.base(), List.of(), change.detail()));
  }

  /** The filesystem without what a cut installation left at the place where this one builds. */
  private View cleaned(FilesystemName root) throws InterruptedException {
    View view = host.look(root, true, runner);
    BtrfsLayout layout = view.layout();
    CopyCheck.discard(view, runner, host);
    Optional<Subvolume> next = view.at(layout.next());
    if (next.isEmpty()) {
      return view;
    }
    if (view.at(layout.path()).filter(live -> live.id() > next.get().id()).isPresent()) {
      settleReplaced(view, layout.next());
    } else { // it was never at its place
      host.runAll(deletion(view, layout.next(), layout.next()), runner);
    }
    return host.look(root, false, runner);
  }

  private void settleForgotten(FilesystemName root) throws InterruptedException {
    View view = host.lastSeen(root, runner);
    if (view.at(view.layout().old()).isPresent()) {
      settleReplaced(view, view.layout().old());
      deleteStaleWitnesses(host.look(root, false, runner));
    }
  }

  /** Nobody remembers what was to become of it: it goes only if it is proven to hold no change. */
  private void settleReplaced(View view, String place) throws InterruptedException {
    if (check.check(view, place).isEmpty()) {
      host.runAll(deletion(host.look(view.layout().root(), false, runner), place, place), runner);
      return;
    }
    String uuid = requireNonNull(view.tree(place).get("")).uuid();
    String kept = view.layout().path() + ".kept-" + uuid.substring(0, 8);
    host.run(BtrfsCommands.rename(place, kept), runner);
    LOG.warn("{} on {}: an interrupted sync had replaced a copy that was changed; it is kept as {}",
        view.layout().root(), runner.host(), kept);
  }

  /** Deletes the tree that the view shows at {@code seenAt} and that will be at {@code now}, deepest first. Nothing can be deleted from a read-only one. */
  private static List<Command> deletion(View view, String seenAt, String now) {
    List<String> members = new ArrayList<>(view.tree(seenAt).keySet());
    Collections.reverse(members);
    List<String> paths = members.stream().map(m -> BtrfsLayout.at(now, m)).toList();
    Command delete = BtrfsCommands.delete(paths);
    return paths.size() == 1 ? List.of(delete) : List.of(BtrfsCommands.setReadOnly(paths, false), delete);
  }

  /** Witnesses of copies that are no more, and all but the newest of those that are. */
  private void deleteStaleWitnesses(View view) throws InterruptedException {
    List<View.Entry> current =
        view.live().values().stream().flatMap(live -> view.witnesses(live).stream().limit(1)).toList();
    List<View.Entry> stale =
        view.entries().stream()
            .filter(e -> e.isInternal() && e.isWitness() && !current.contains(e) && !isNeeded(view, e))
            .toList();
    if (!stale.isEmpty()) {
      host.run(BtrfsCommands.delete(stale.stream().map(view::pathOf).toList()), runner);
    }
  }

  private static boolean isNeeded(View view, View.Entry witness) {
    return List.of(view.layout().next(), view.layout().old()).stream()
        .flatMap(place -> view.tree(place).values().stream())
        .anyMatch(copy -> witness.subvolume().isSnapshotOf(copy));
  }
}
