package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import io.replication4j.WrongStorageException;
import io.replication4j.btrfs.MountTable.Mount;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import java.time.Instant;
import java.util.ArrayList;
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

  private final BtrfsBackend backend;
  private final Map<FilesystemName, BtrfsLayout> layouts = new ConcurrentHashMap<>();
  private final Map<FilesystemName, View> seen = new ConcurrentHashMap<>();
  private final Set<FilesystemName> doubtful = ConcurrentHashMap.newKeySet();
  private final Set<FilesystemName> outdated = ConcurrentHashMap.newKeySet();
  private final Map<String, Instant> times = new ConcurrentHashMap<>();

  /** Our subvolumes that were there when somebody looked. */
  private final Set<String> holders = ConcurrentHashMap.newKeySet();

  BtrfsHost(BtrfsBackend backend) {
    this.backend = backend;
  }

  /** What one look at several filesystems found, in order. */
  record Look(List<View> views, Subvolumes all, SnapshotDirectory directory) {}

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

  /** Where it would be is asked anew, if that is in doubt. */
  void forgetDoubtful(FilesystemName root) {
    if (doubtful.remove(root)) {
      layouts.remove(root);
    }
  }

  private void resolve(List<FilesystemName> roots, CommandRunner runner)
      throws InterruptedException {
    List<String> paths = new ArrayList<>();
    for (FilesystemName root : roots) {
      paths.add(BtrfsLayout.parentOf(root.value()));
      paths.add(root.value());
    }
    List<String> answers =
        outputs(List.of(BtrfsCommands.resolve(paths), BtrfsCommands.mounts()), runner);
    String[] resolved = answers.get(0).split("\0", -1);
    if (resolved.length != paths.size() + 1) {
      throw new UnexpectedOutputException(
          "readlink on " + runner.host() + " did not answer for each of " + paths, null);
    }
    MountTable mounts = MountTable.parse(answers.get(1));
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
    return BtrfsLayout.of(root, path, mount, backend.options().snapshotDirectory());
  }

  // ------------------------------------------------------------------ looking

  /**
   * Everything about these filesystems, which are on one btrfs: a listing and, if anything of ours
   * is there, a find; together with the listing if something of ours was there before.
   */
  Look look(List<BtrfsLayout> layouts, boolean flush, CommandRunner runner)
      throws InterruptedException {
    List<Command> first =
        flush ? List.of(BtrfsCommands.flush(layouts.get(0).mount().point())) : List.of();
    Set<String> differences = Set.of();
    for (int look = 0; look < LOOKS; look++) { // somebody may be at work between the commands
      try {
        Look found = lookOnce(layouts, first, runner);
        first = List.of();
        differences = differences(layouts, found);
        if (differences.isEmpty()) {
          found.views().forEach(this::remember);
          return found;
        }
      } catch (NotFoundException e) { // find(1) says so of what went while it was reading
        if (layouts.stream().noneMatch(layout -> holders.remove(layout.holder()))) {
          throw e; // nothing of ours was to be read
        }
        differences = Set.of(String.valueOf(e.getMessage()));
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

  private Look lookOnce(List<BtrfsLayout> layouts, List<Command> first, CommandRunner runner)
      throws InterruptedException {
    Set<String> expected = new TreeSet<>();
    layouts.stream().map(BtrfsLayout::holder).filter(holders::contains).forEach(expected::add);
    List<Command> commands = new ArrayList<>(first);
    commands.addAll(listing(layouts));
    if (!expected.isEmpty()) {
      commands.add(BtrfsCommands.readDirectories(expected));
    }
    List<String> answers = outputs(commands, runner);
    Subvolumes all = subvolumes(layouts, answers.subList(first.size(), answers.size()));
    Set<String> there = new TreeSet<>();
    layouts.stream()
        .filter(layout -> all.at(layout.inFilesystem(layout.holder())).isPresent())
        .forEach(layout -> there.add(layout.holder()));
    holders.addAll(there);
    List<View> views = layouts.stream().map(layout -> new View(layout, all)).toList();
    if (there.isEmpty()) {
      return new Look(views, all, SnapshotDirectory.empty());
    }
    String read =
        there.equals(expected)
            ? answers.get(answers.size() - 1)
            : output(BtrfsCommands.readDirectories(there), runner);
    return new Look(views, all, SnapshotDirectory.parse(read));
  }

  /** A subvolume of ours is there from now on: the next look reads it at once. */
  void expect(String holder) {
    holders.add(holder);
  }

  /** One filesystem, from the listing alone. */
  View look(FilesystemName root, boolean flush, CommandRunner runner) throws InterruptedException {
    BtrfsLayout layout = layout(root, runner);
    List<Command> commands = new ArrayList<>();
    if (flush) {
      commands.add(BtrfsCommands.flush(layout.mount().point()));
    }
    commands.addAll(listing(List.of(layout)));
    List<String> answers = outputs(commands, runner);
    return remember(
        new View(
            layout, subvolumes(List.of(layout), answers.subList(flush ? 1 : 0, answers.size()))));
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

  private static List<Command> listing(List<BtrfsLayout> layouts) {
    List<Command> commands = new ArrayList<>();
    commands.add(BtrfsCommands.list(layouts.get(0).mount().point()));
    layouts.stream() // after the listing: a change in between shows as one
        .filter(BtrfsLayout::isTop)
        .findFirst()
        .ifPresent(top -> commands.add(BtrfsCommands.show(top.path())));
    return commands;
  }

  /** From the answers to {@link #listing}. */
  private static Subvolumes subvolumes(List<BtrfsLayout> layouts, List<String> answers) {
    Mount mount = layouts.get(0).mount();
    List<Subvolume> rows =
        new ArrayList<>(SubvolumeListParser.parse(answers.get(0), mount.subvolume()));
    if (layouts.stream().anyMatch(BtrfsLayout::isTop)) {
      rows.add(SubvolumeShow.parseTop(answers.get(1)));
    }
    return new Subvolumes(rows);
  }

  /** In the directories of these filesystems: where the listing and find(1) disagree. */
  private static Set<String> differences(List<BtrfsLayout> layouts, Look look) {
    Set<String> differences = new TreeSet<>();
    for (BtrfsLayout layout : layouts) {
      String leaf = layout.inFilesystem(layout.leafDirectory());
      List<String> listed =
          look.all().below(leaf).stream()
              .map(row -> row.path().substring(leaf.length()))
              .filter(path -> path.chars().filter(c -> c == '/').count() == 2)
              .map(path -> layout.leafDirectory() + path)
              .toList();
      differences.addAll(look.directory().differences(layout.leafDirectory(), listed));
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
    boolean absent = // a stat that was killed says nothing
        !result.errorTail().isBlank()
            && result.errorTail().lines().allMatch(line -> ABSENT.matcher(line).matches());
    if (!absent) {
      throw backend.failure(command, result);
    }
  }

  String output(Command command, CommandRunner runner) throws InterruptedException {
    return run(command, runner).output();
  }

  CommandResult run(Command command, CommandRunner runner) throws InterruptedException {
    return backend.runOrFail(command, runner);
  }

  void runAll(List<Command> commands, CommandRunner runner) throws InterruptedException {
    backend.runAllOrFail(commands, runner);
  }

  /** What each of the commands prints, which run in order. */
  private List<String> outputs(List<Command> commands, CommandRunner runner)
      throws InterruptedException {
    return backend.runAllOrFail(commands, runner).stream().map(CommandResult::output).toList();
  }
}
