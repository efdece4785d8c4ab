package io.replication4j.btrfs;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.DivergedException;
import io.replication4j.Endpoint;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.VersionId;
import io.replication4j.btrfs.CopyCheck.Change;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts copies of a set of snapshots at the final location: builds the tree beside, takes a witness
 * of each copy, exchanges the two names, and then settles what stood there before. What an earlier
 * installation left is settled first.
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
  sealed interface Fate {
    /** There is none: if anything stands there, nothing is installed. */
    record None() implements Fate {}

    /** It goes, whatever it holds. */
    record Discard() implements Fate {}

    /** It goes if it holds no change; else it stays, and nothing is installed. */
    record DiscardUnchanged() implements Fate {}

    /** It is kept, with its changes, at this path. */
    record Keep(String path) implements Fate {}
  }

  // ------------------------------------------------------------------ commands

  /** The commands of an installation that meets what {@code view} shows. */
  List<Command> commands(View view, String name, List<String> members, Fate fate)
      throws InterruptedException {
    List<Command> commands = new ArrayList<>();
    if (isInstalled(view, name, members)) {
      return commands;
    }
    if (fate instanceof Fate.None) {
      commands.addAll(look(view, false));
      commands.add(BtrfsCommands.type(view.layout().path()));
    }
    String slot = view.freeSlot();
    List<String> witnesses = new ArrayList<>(paths(view, disposable(view)));
    if (fate instanceof Fate.DiscardUnchanged) {
      List<String> doubtful = check.doubtful(view, view.layout().path());
      if (!doubtful.isEmpty()) {
        commands.addAll(check.commands(view, view.layout().path()));
        commands.addAll(look(view, false));
        View swept = CopyCheck.swept(view, view.layout().path());
        witnesses = new ArrayList<>(paths(swept, disposable(swept)));
        for (String member : doubtful) {
          witnesses.add(view.layout().internal(slot) + "/" + BtrfsLayout.entry(member));
        }
        Collections.sort(witnesses);
        slot = swept.freeSlot(slot);
      }
    }
    commands.addAll(deletion(view, Steps.begun(view, name)));
    commands.addAll(CopyBuild.commands(view.layout(), name, members, slot, options.copy()));
    commands.addAll(swap(view, fate));
    if (isReplacing(view, fate)) {
      commands.addAll(look(view, fate instanceof Fate.DiscardUnchanged));
      commands.addAll(removal(view, view.layout().path(), fate, witnesses));
    }
    return commands;
  }

  private static List<Command> deletion(View view, List<View.Entry> entries) {
    return entries.isEmpty() ? List.of() : List.of(BtrfsCommands.delete(paths(view, entries)));
  }

  private static List<Command> look(View view, boolean flush) {
    String point = view.layout().mount().point();
    return flush
        ? List.of(BtrfsCommands.flush(point), BtrfsCommands.list(point))
        : List.of(BtrfsCommands.list(point));
  }

  private static boolean isReplacing(View view, Fate fate) {
    return !(fate instanceof Fate.None) && view.at(view.layout().path()).isPresent();
  }

  /** A subvolume is renamed onto nothing but an empty directory: rename(2). */
  private List<Command> swap(View view, Fate fate) throws InterruptedException {
    BtrfsLayout layout = view.layout();
    return isReplacing(view, fate)
        ? exchange.commands(layout.next(), layout.path(), layout.old(), runner)
        : List.of(BtrfsCommands.rename(layout.next(), layout.path()));
  }

  // ------------------------------------------------------------------ installing

  /** Installs copies of the set, unless they stand there. */
  void install(FilesystemName root, String name, List<String> members, Fate fate)
      throws InterruptedException {
    View view = withSet(finish(root), name, members);
    if (!isInstalled(view, name, members)) {
      if (fate instanceof Fate.DiscardUnchanged) {
        view = requireUnchanged(view);
      } else if (fate instanceof Fate.None) {
        view = requireNone(view.layout());
      }
      requireExchangeable(view.layout(), runner.host());
      requireSet(view, name, members);
      List<Command> commands = new ArrayList<>(deletion(view, Steps.begun(view, name)));
      commands.addAll(
          CopyBuild.commands(view.layout(), name, members, view.freeSlot(), options.copy()));
      commands.addAll(swap(view, fate));
      host.runAll(commands, runner);
      if (isReplacing(view, fate)) {
        settle(host.look(root, fate instanceof Fate.DiscardUnchanged, runner), fate);
      } else {
        host.forgetView(root);
      }
    }
  }

  /** The view after that: a comparison leaves a new witness behind. */
  private View requireUnchanged(View view) throws InterruptedException {
    CopyCheck.Result result = check.check(view, view.layout().path());
    if (result.change().isPresent()) {
      throw diverged(view.layout(), result.change().get());
    }
    return result.compared() ? host.look(view.layout().root(), false, runner) : view;
  }

  /** The place was empty when the sync was planned; the first stream may have taken days. */
  private View requireNone(BtrfsLayout layout) throws InterruptedException {
    View view = host.look(layout.root(), false, runner);
    Optional<Subvolume> stranger = view.at(layout.path());
    if (stranger.isPresent()) {
      throw diverged(
          layout,
          new Change(
              "",
              VersionId.of(stranger.get().uuid()),
              "it came to be while the first copy was sent"));
    }
    host.requireAbsent(layout, runner);
    return view;
  }

  /** Where a copy can be put. */
  static void requireExchangeable(BtrfsLayout layout, String host) {
    if (layout.isMountPoint()) {
      throw new BusyException(
          layout.root()
              + " on "
              + host
              + " is "
              + (layout.isTop() ? "the top of its btrfs" : "a mount point")
              + ", which cannot be exchanged for a copy; nothing was replaced. A mount point can be"
              + " a source, not a target: name a subvolume below it",
          null);
    }
  }

  /** It may have been received since the last look. */
  private View withSet(View view, String name, List<String> members) throws InterruptedException {
    return members.stream().allMatch(member -> view.entry(name, member).isPresent())
        ? view
        : host.look(view.layout().root(), false, runner);
  }

  private void requireSet(View view, String name, List<String> members) {
    for (String member : members) {
      if (view.entry(name, member).isEmpty()) {
        throw new NotFoundException(
            view.layout().root().child(member)
                + " on "
                + runner.host()
                + " has no snapshot "
                + name
                + " to install a copy of; plan again",
            null);
      }
    }
  }

  private static boolean isInstalled(View view, String name, List<String> members) {
    return view.live().size() == members.size()
        && members.stream()
            .allMatch(
                m ->
                    view.entry(name, m)
                        .filter(e -> isUntouchedCopy(view, e, view.live().get(m)))
                        .isPresent());
  }

  private static boolean isUntouchedCopy(View view, View.Entry entry, @Nullable Subvolume live) {
    return live != null
        && view.witnesses(live).stream()
            .filter(w -> w.subvolume().createdIn() == live.generation())
            .anyMatch(
                w -> w.equals(entry) || (w.isInternal() && live.isSnapshotOf(entry.subvolume())));
  }

  // ------------------------------------------------------------------ settling what was replaced

  /**
   * What was replaced stands at {@code next} now. Written to until the very last moment, it is put
   * back.
   */
  private void settle(View view, Fate fate) throws InterruptedException {
    BtrfsLayout layout = view.layout();
    View now = view;
    if (fate instanceof Fate.DiscardUnchanged) {
      CopyCheck.Result result = check.check(view, layout.next());
      if (result.change().isPresent()) {
        putBack(layout);
        throw diverged(layout, result.change().get());
      }
      now = result.compared() ? host.look(layout.root(), false, runner) : view;
    }
    remove(now, layout.next(), fate);
    if (fate instanceof Fate.Keep keep) {
      LOG.warn(
          "{} on {}: what was changed there is kept as {}",
          layout.root(),
          runner.host(),
          keep.path());
    }
  }

  private void putBack(BtrfsLayout layout) throws InterruptedException {
    host.runAll(exchange.commands(layout.next(), layout.path(), layout.old(), runner), runner);
    remove(host.look(layout.root(), false, runner), layout.next(), new Fate.Discard());
  }

  DivergedException diverged(BtrfsLayout layout, Change change) {
    return new DivergedException(
        new Conflict.Diverged(
            new Endpoint("btrfs", runner.host(), layout.root()),
            change.member(),
            change.base(),
            List.of(),
            change.detail()));
  }

  /**
   * Ends an installation that was cut: the filesystem stands at its place, and nothing beside it.
   * Witnesses go that have nothing to tell any more.
   *
   * @return the filesystem then
   */
  View finish(FilesystemName root) throws InterruptedException {
    View view = host.lastSeen(root, runner);
    if (view.isSettled()) {
      return sweep(view);
    }
    BtrfsLayout layout = view.layout();
    host.runAll(placing(view), runner);
    view = host.look(root, true, runner);
    if (isReplaced(view, layout.next())) {
      settleReplaced(view, layout.next());
    } else if (view.at(layout.next()).isPresent()) { // it was never at its place
      remove(view, layout.next(), new Fate.Discard());
    }
    if (view.at(layout.old()).isPresent()) {
      settleReplaced(host.look(root, false, runner), layout.old());
    }
    return sweep(host.look(root, false, runner));
  }

  private View sweep(View view) throws InterruptedException {
    List<View.Entry> orphans = view.orphans();
    if (orphans.isEmpty()) {
      return view;
    }
    host.runAll(deletion(view, orphans), runner);
    return host.remember(view.without(subvolumes(orphans)));
  }

  private static Set<Subvolume> subvolumes(List<View.Entry> entries) {
    return entries.stream().map(View.Entry::subvolume).collect(toSet());
  }

  /** What puts the filesystem where it belongs, if that was cut between two renames. */
  static List<Command> placing(View view) {
    return view.place().equals(view.layout().path())
        ? List.of()
        : List.of(BtrfsCommands.rename(view.place(), view.layout().path()));
  }

  /** What is older than what stands at the place has stood there. */
  private static boolean isReplaced(View view, String beside) {
    Optional<Subvolume> live = view.at(view.layout().path());
    return view.at(beside).filter(b -> live.filter(l -> l.id() > b.id()).isPresent()).isPresent();
  }

  /** The commands of {@link #finish}, if it meets what {@code view} shows and finds no change. */
  List<Command> finishing(View view) {
    BtrfsLayout layout = view.layout();
    List<Command> commands = new ArrayList<>(placing(view));
    commands.addAll(deletion(view, view.orphans()));
    for (String beside : List.of(layout.next(), layout.old())) {
      if (view.at(beside).isPresent() && !beside.equals(view.place())) {
        if (beside.equals(layout.old()) || isReplaced(view, beside)) {
          commands.addAll(check.commands(view, beside));
        }
        commands.addAll(removal(view, beside, new Fate.Discard(), List.of()));
      }
    }
    return commands;
  }

  /** Nobody remembers what was to become of it: it goes only if it is proven to hold no change. */
  private void settleReplaced(View view, String place) throws InterruptedException {
    FilesystemName root = view.layout().root();
    String kept =
        view.layout().path()
            + ".kept-"
            + requireNonNull(view.tree(place).get("")).uuid().substring(0, 8);
    boolean changed = check.check(view, place).change().isPresent();
    remove(
        host.look(root, false, runner), place, changed ? new Fate.Keep(kept) : new Fate.Discard());
    if (changed) {
      LOG.warn(
          "{} on {}: an interrupted sync had replaced a copy that was changed; it is kept as {}",
          root,
          runner.host(),
          kept);
    }
  }

  private void remove(View view, String place, Fate fate) throws InterruptedException {
    Set<Subvolume> gone = new HashSet<>(view.tree(place).values());
    List<View.Entry> witnesses = stale(view.without(gone));
    host.runAll(removal(view, place, fate, paths(view, witnesses)), runner);
    witnesses.forEach(witness -> gone.add(witness.subvolume()));
    host.remember(view.without(gone));
  }

  /**
   * The commands that take the tree away that the view shows at {@code seenAt} and that is at
   * {@code next} or {@code old} then.
   */
  private List<Command> removal(View view, String seenAt, Fate fate, List<String> witnesses) {
    BtrfsLayout layout = view.layout();
    String place = seenAt.equals(layout.path()) ? layout.next() : seenAt;
    List<String> doomed = new ArrayList<>();
    List<Command> commands = new ArrayList<>();
    if (fate instanceof Fate.Keep keep) {
      commands.add(BtrfsCommands.rename(place, keep.path()));
    } else {
      view.tree(seenAt)
          .keySet()
          .forEach(member -> doomed.add(0, BtrfsLayout.at(place, member))); // deepest first
      if (doomed.size() > 1) { // nothing can be deleted from a read-only one
        commands.add(BtrfsCommands.setReadOnly(List.copyOf(doomed), false));
      }
    }
    doomed.addAll(witnesses);
    if (!doomed.isEmpty()) {
      commands.add(BtrfsCommands.delete(doomed));
    }
    return commands;
  }

  private static List<String> paths(View view, List<View.Entry> entries) {
    return entries.stream().map(view::pathOf).toList();
  }

  /** What is only there to compare with. */
  private static List<View.Entry> disposable(View view) {
    return view.entries().stream()
        .filter(e -> (e.isInternal() && e.isWitness()) || e.isCheck())
        .toList();
  }

  /**
   * Witnesses of copies that are no more, or about to go, all but the newest of those that stay,
   * and what a check that was cut left.
   */
  private static List<View.Entry> stale(View view) {
    List<View.Entry> needed = new ArrayList<>();
    view.live()
        .values()
        .forEach(live -> view.witnesses(live).stream().limit(1).forEach(needed::add));
    view.tree(view.layout().old()).values().forEach(copy -> needed.addAll(view.witnesses(copy)));
    return disposable(view).stream().filter(e -> !needed.contains(e)).toList();
  }
}
