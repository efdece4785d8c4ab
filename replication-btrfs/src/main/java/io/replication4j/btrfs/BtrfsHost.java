package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.ReplicationException;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import io.replication4j.WrongStorageException;
import io.replication4j.btrfs.MountTable.Mount;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Asks one host. Remembers where filesystems are mounted, and asks again when that does not fit any
 * more. Thread-safe.
 */
final class BtrfsHost {

  /** coreutils 8.32 to 9.1, C locale. */
  private static final Pattern ABSENT =
      Pattern.compile("stat: cannot statx? .*: (?:No such file or directory|Not a directory)");

  /** Other pairs may be at work in the same place. */
  private static final int LOOKS = 8;

  private final BtrfsOptions options;
  private final Map<FilesystemName, BtrfsLayout> layouts = new ConcurrentHashMap<>();
  private final Map<FilesystemName, View> seen = new ConcurrentHashMap<>();
  private final Set<FilesystemName> doubtful = ConcurrentHashMap.newKeySet();
  private final Set<FilesystemName> outdated = ConcurrentHashMap.newKeySet();
  private final Map<String, Instant> times = new ConcurrentHashMap<>();

  BtrfsHost(BtrfsOptions options) {
    this.options = options;
  }

  /** What one look at several filesystems found, in order. */
  record Look(List<View> views, SnapshotDirectory directory) {}

  // ------------------------------------------------------------------ where things are

  BtrfsLayout layout(FilesystemName root, CommandRunner runner) throws InterruptedException {
    return layouts(List.of(root), runner).get(0);
  }

  List<BtrfsLayout> layouts(List<FilesystemName> roots, CommandRunner runner)
      throws InterruptedException {
    List<FilesystemName> unknown =
        roots.stream().distinct().filter(root -> !layouts.containsKey(root)).toList();
    if (!unknown.isEmpty()) {
      resolve(unknown, runner);
    }
    return roots.stream().map(layouts::get).toList();
  }

  /** Where it would be is asked anew at the next observation. */
  void doubt(FilesystemName root) {
    doubtful.add(root);
  }

  /** As {@link #layouts}, for an observation. */
  List<BtrfsLayout> currentLayouts(List<FilesystemName> roots, CommandRunner runner)
      throws InterruptedException {
    for (FilesystemName root : roots) {
      if (doubtful.remove(root)) {
        layouts.remove(root);
      }
    }
    return layouts(roots, runner);
  }

  private void resolve(List<FilesystemName> roots, CommandRunner runner)
      throws InterruptedException {
    List<String> paths = new ArrayList<>();
    for (FilesystemName root : roots) {
      paths.add(BtrfsLayout.parentOf(root.value()));
      paths.add(root.value());
    }
    String[] resolved = output(BtrfsCommands.resolve(paths), runner).split("\0", -1);
    if (resolved.length != paths.size() + 1) {
      throw new UnexpectedOutputException(
          "readlink on " + runner.host() + " did not answer for each of " + paths, null);
    }
    MountTable mounts = MountTable.parse(output(BtrfsCommands.mounts(), runner));
    for (int i = 0; i < roots.size(); i++) {
      layouts.put(
          roots.get(i),
          layout(roots.get(i), resolved[2 * i], resolved[2 * i + 1], mounts, runner.host()));
    }
  }

  private BtrfsLayout layout(
      FilesystemName root, String parent, String path, MountTable mounts, String host) {
    String name = root.value().substring(root.value().lastIndexOf('/') + 1);
    if (!path.equals(parent.equals("/") ? "/" + name : parent + "/" + name)) {
      throw new WrongStorageException(
          root + " on " + host + " is a symbolic link; name what it points to, " + path, null);
    }
    Mount mount = mounts.of(path);
    if (!mount.type().equals("btrfs")) {
      throw new WrongStorageException(
          root
              + " on "
              + host
              + " is not on a btrfs: "
              + mount.point()
              + " is a "
              + mount.type()
              + "; name a subvolume of a btrfs, or mount it",
          null);
    }
    if (mount.subvolume() == 0) {
      throw new UnsupportedException(
          host
              + " does not say which subvolume is mounted at "
              + mount.point()
              + "; it needs Linux 4.2 or newer",
          null);
    }
    return BtrfsLayout.of(root, path, mount, options.snapshotDirectory());
  }

  // ------------------------------------------------------------------ looking

  /**
   * Everything about these filesystems, which are on one btrfs: a listing and, if anything of ours
   * is there, a find.
   */
  Look look(List<BtrfsLayout> layouts, boolean flush, CommandRunner runner)
      throws InterruptedException {
    if (flush) {
      output(BtrfsCommands.flush(layouts.get(0).mount().point()), runner);
    }
    Set<String> differences = Set.of();
    for (int look = 0; look < LOOKS; look++) { // somebody may be at work between the two commands
      Subvolumes all = list(layouts, runner);
      SnapshotDirectory directory;
      try {
        directory = directories(layouts, all, runner);
      } catch (NotFoundException e) { // find(1) says so of what went while it was reading
        differences = Set.of(String.valueOf(e.getMessage()));
        continue;
      }
      differences = differences(layouts, all, directory);
      if (differences.isEmpty()) {
        return new Look(
            layouts.stream().map(layout -> remember(new View(layout, all))).toList(), directory);
      }
    }
    throw new UnexpectedOutputException(
        "btrfs subvolume list on "
            + runner.host()
            + " and the snapshot directory itself do not agree about "
            + differences
            + "; nothing was changed. If no other program works there, look for a directory whose name holds a line break",
        null);
  }

  /** One filesystem, from the listing alone. */
  View look(FilesystemName root, boolean flush, CommandRunner runner) throws InterruptedException {
    BtrfsLayout layout = layout(root, runner);
    if (flush) {
      output(BtrfsCommands.flush(layout.mount().point()), runner);
    }
    return remember(new View(layout, list(List.of(layout), runner)));
  }

  /** The filesystem as it was seen last, if nothing was done to it since; else as it is now. */
  View lastSeen(FilesystemName root, CommandRunner runner) throws InterruptedException {
    return outdated.contains(root) ? look(root, false, runner) : lastKnown(root, runner);
  }

  /** The filesystem as it was seen last, whatever was done since: for saying what would be done. */
  View lastKnown(FilesystemName root, CommandRunner runner) throws InterruptedException {
    View view = seen.get(root);
    return view != null ? view : look(root, false, runner);
  }

  /** The filesystem as it was seen last, if it was. */
  Optional<View> known(FilesystemName root) {
    return Optional.ofNullable(seen.get(root));
  }

  /** After changes that the next step has to know of. */
  void forgetView(FilesystemName root) {
    outdated.add(root);
  }

  View remember(View view) {
    seen.put(view.layout().root(), view);
    outdated.remove(view.layout().root());
    return view;
  }

  private Subvolumes list(List<BtrfsLayout> layouts, CommandRunner runner)
      throws InterruptedException {
    Mount mount = layouts.get(0).mount();
    List<Subvolume> rows =
        new ArrayList<>(
            SubvolumeListParser.parse(
                output(BtrfsCommands.list(mount.point()), runner), mount.subvolume()));
    Optional<BtrfsLayout> top = layouts.stream().filter(BtrfsLayout::isTop).findFirst();
    if (top.isPresent()) { // after the listing: a change in between shows as one
      rows.add(SubvolumeShow.parseTop(output(BtrfsCommands.show(top.get().path()), runner)));
    }
    return new Subvolumes(rows);
  }

  private SnapshotDirectory directories(
      List<BtrfsLayout> layouts, Subvolumes all, CommandRunner runner) throws InterruptedException {
    Set<String> holders = new TreeSet<>();
    for (BtrfsLayout layout : layouts) {
      if (all.at(layout.inFilesystem(layout.holder())).isPresent()) {
        holders.add(layout.holder());
      }
    }
    return holders.isEmpty()
        ? SnapshotDirectory.empty()
        : SnapshotDirectory.parse(output(BtrfsCommands.readDirectories(holders), runner));
  }

  /** In the directories of these filesystems: where the listing and find(1) disagree. */
  private static Set<String> differences(
      List<BtrfsLayout> layouts, Subvolumes all, SnapshotDirectory directory) {
    Set<String> differences = new TreeSet<>();
    for (BtrfsLayout layout : layouts) {
      String leaf = layout.inFilesystem(layout.leafDirectory());
      List<String> listed =
          all.below(leaf).stream()
              .map(row -> row.path().substring(leaf.length()))
              .filter(path -> path.chars().filter(c -> c == '/').count() == 2)
              .map(path -> layout.leafDirectory() + path)
              .toList();
      differences.addAll(directory.differences(layout.leafDirectory(), listed));
    }
    return differences;
  }

  /**
   * When the snapshots came to be; asks once for each. Those without a time were not taken here.
   */
  Map<String, Instant> times(List<View> views, CommandRunner runner) throws InterruptedException {
    Set<String> wanted = new TreeSet<>();
    for (View view : views) {
      view.entries().stream()
          .filter(entry -> !entry.isInternal())
          .map(View.Entry::subvolume)
          .filter(s -> s.receivedUuid().isEmpty() && s.parentUuid().isPresent())
          .forEach(s -> wanted.add(s.uuid()));
    }
    if (!times.keySet().containsAll(wanted)) {
      String point = views.get(0).layout().mount().point();
      Map<String, Instant> found =
          SubvolumeListParser.parseTimes(output(BtrfsCommands.listTimes(point), runner));
      found.keySet().retainAll(wanted);
      times.putAll(found);
    }
    Map<String, Instant> result = new HashMap<>(times);
    result.keySet().retainAll(wanted);
    return result;
  }

  /**
   * Nothing is there; or else an exception.
   *
   * @throws WrongStorageException if something is there that is no subvolume
   */
  void requireAbsent(BtrfsLayout layout, CommandRunner runner) throws InterruptedException {
    Command command = BtrfsCommands.type(layout.path());
    CommandResult result = runner.run(command);
    if (result.succeeded()) {
      throw new WrongStorageException(
          layout.root()
              + " on "
              + runner.host()
              + " is a "
              + result.output().strip()
              + ", not a subvolume; remove it, or name a subvolume",
          null);
    }
    if (!result.errorTail().lines().allMatch(line -> ABSENT.matcher(line).matches())) {
      throw failure(command, result, runner);
    }
  }

  String output(Command command, CommandRunner runner) throws InterruptedException {
    return run(command, runner).output();
  }

  CommandResult run(Command command, CommandRunner runner) throws InterruptedException {
    CommandResult result = runner.run(command);
    if (!result.succeeded()) {
      throw failure(command, result, runner);
    }
    return result;
  }

  void runAll(Collection<Command> commands, CommandRunner runner) throws InterruptedException {
    for (Command command : commands) {
      run(command, runner);
    }
  }

  private static ReplicationException failure(
      Command command, CommandResult result, CommandRunner runner) {
    return BtrfsErrors.of(runner.host(), command, result);
  }
}
