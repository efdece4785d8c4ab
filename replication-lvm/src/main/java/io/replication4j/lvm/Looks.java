package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import io.replication4j.command.CommandRunner;
import io.replication4j.lvm.ReportParser.Report;
import io.replication4j.lvm.Tags.Growth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Listings of one host, and what they said of each volume. Thread-safe. */
final class Looks {

  private static final String SAME = "same";
  private static final Set<String> ANSWERS = Set.of(SAME, "changed");

  private final LvmBackend backend;
  private final Map<FilesystemName, View> views = new ConcurrentHashMap<>();

  /** Whose records were written since the last look. */
  private final Set<FilesystemName> recorded = ConcurrentHashMap.newKeySet();

  private volatile boolean isExact;

  Looks(LvmBackend backend) {
    this.backend = backend;
  }

  /** The same, but what thin volumes hold is not asked, and nothing is kept. */
  List<View> listed(List<FilesystemName> roots, CommandRunner through) throws InterruptedException {
    requireExact();
    String output = backend.runOrFail(LvmCommands.list(), through).output();
    Report report = ReportParser.parse(through.host(), output);
    List<View> seen = new ArrayList<>();
    for (FilesystemName root : roots) {
      View view = View.of(Volume.of(root), report);
      view.live().ifPresent(live -> requireUsable(live, report.volumes(), through.host()));
      if (view.isThin()) {
        view.versions().forEach(version -> requireActive(version, through.host()));
      }
      seen.add(view);
    }
    return seen;
  }

  /** One listing for all, in order of the names; thin volumes are compared with their versions. */
  List<View> now(List<FilesystemName> roots, CommandRunner through) throws InterruptedException {
    return now(roots, Set.of(), through);
  }

  /**
   * The same, but of some only the versions are wanted: these are not compared, unless something is
   * on its way into them.
   */
  List<View> now(List<FilesystemName> roots, Set<FilesystemName> ofVersions, CommandRunner through)
      throws InterruptedException {
    Set<Volume> skipped = ofVersions.stream().map(Volume::of).collect(Collectors.toSet());
    List<View> compared =
        compared(
            listed(roots, through),
            view -> !skipped.contains(view.volume()) || !view.incoming().isEmpty(),
            through);
    for (int i = 0; i < roots.size(); i++) {
      views.put(roots.get(i), compared.get(i));
      recorded.remove(roots.get(i));
    }
    return compared;
  }

  /** Only their blocks tell which versions thin volumes hold; one command for all. */
  private List<View> compared(List<View> seen, Predicate<View> wanted, CommandRunner through)
      throws InterruptedException {
    List<Volume> pairs =
        seen.stream().filter(wanted).flatMap(view -> view.comparisons().stream()).toList();
    if (pairs.isEmpty()) {
      return seen;
    }
    List<String> answers =
        backend.runOrFail(ThinCommands.compare(pairs), through).output().lines().toList();
    if (answers.size() != pairs.size() / 2 || !ANSWERS.containsAll(answers)) {
      throw new UnexpectedOutputException(
          "the comparison of thin volumes on " + through.host() + " printed " + answers, null);
    }
    Set<Volume> same = new HashSet<>();
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i).equals(SAME)) {
        same.add(pairs.get(2 * i + 1));
      }
    }
    return seen.stream().map(view -> view.comparedTo(same)).toList();
  }

  private static void requireActive(LogicalVolume version, String host) {
    if (!version.active()) {
      throw new UnsupportedException(
          version.volume()
              + " on "
              + host
              + " is not active (lvchange -ay -K activates it); nothing was done",
          null);
    }
  }

  View now(FilesystemName root, CommandRunner through) throws InterruptedException {
    return now(List.of(root), through).get(0);
  }

  /** The last look, or one now. */
  View last(FilesystemName root, CommandRunner through) throws InterruptedException {
    View view = views.get(root);
    return view != null ? view : now(root, through);
  }

  /** The last look since a record was written, or one now; a record is going to be written. */
  View beforeRecord(FilesystemName root, CommandRunner through) throws InterruptedException {
    View view = recorded.contains(root) ? now(root, through) : last(root, through);
    recorded.add(root);
    return view;
  }

  /** Asked once. */
  private void requireExact() throws InterruptedException {
    if (!isExact) {
      String host = backend.runner().host();
      String version = backend.runOrFail(LvmCommands.version(), backend.runner()).output();
      LvmVersion.parse(host, version).requireExact(host);
      isExact = true;
    }
  }

  /** What was seen holds something else than it should. */
  void disprove(FilesystemName root, View view) {
    views.put(root, view.disproved());
  }

  /** The next {@link #last} looks again. */
  void forget(FilesystemName root) {
    views.remove(root);
  }

  private static void requireUsable(LogicalVolume live, List<LogicalVolume> all, String host) {
    String obstacle =
        live.layout().contains("pool")
            ? "is a pool"
            : live.origin().isPresent() && live.pool().isEmpty()
                ? "is itself a snapshot"
                : readsExternal(live, all)
                    ? "reads a volume outside its thin pool (its external origin), of which no list"
                        + " of changes knows"
                    : live.active() || Growth.of(live.tags()).isPresent()
                        ? ""
                        : "is not active (lvchange -ay activates it)";
    if (!obstacle.isEmpty()) {
      throw new UnsupportedException(
          live.volume() + " on " + host + " " + obstacle + "; nothing was done", null);
    }
  }

  /** Itself, or what it is a thin snapshot of: lvmthin(7), "External Origin". */
  private static boolean readsExternal(LogicalVolume thin, List<LogicalVolume> all) {
    return thin.pool().isPresent()
        && all.stream()
            .filter(other -> thin.isSnapshotOf(other.volume()))
            .anyMatch(other -> !other.pool().equals(thin.pool()) || readsExternal(other, all));
  }
}
