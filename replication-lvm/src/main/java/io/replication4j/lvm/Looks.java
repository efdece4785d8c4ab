package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.UnsupportedException;
import io.replication4j.command.CommandRunner;
import io.replication4j.lvm.ReportParser.Report;
import io.replication4j.lvm.Tags.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Listings of one host, and what they said of each volume. Thread-safe. */
final class Looks {

  private final LvmBackend backend;
  private final Map<FilesystemName, View> views = new ConcurrentHashMap<>();

  /** What was written since the last look. */
  private final Map<FilesystemName, List<Stored>> records = new ConcurrentHashMap<>();

  Looks(LvmBackend backend) {
    this.backend = backend;
  }

  /** One listing for all, in order of the names. */
  List<View> now(List<FilesystemName> roots, CommandRunner through) throws InterruptedException {
    String output = backend.runOrFail(LvmCommands.list(), through).output();
    Report report = ReportParser.parse(through.host(), output);
    List<View> seen = new ArrayList<>();
    for (FilesystemName root : roots) {
      View view = View.of(Volume.of(root), report);
      view.live().ifPresent(live -> requireUsable(live, through.host()));
      views.put(root, view);
      records.remove(root);
      seen.add(view);
    }
    return seen;
  }

  View now(FilesystemName root, CommandRunner through) throws InterruptedException {
    return now(List.of(root), through).get(0);
  }

  /** The last look, or one now. */
  View last(FilesystemName root, CommandRunner through) throws InterruptedException {
    View view = views.get(root);
    return view != null ? view : now(root, through);
  }

  /** The next {@link #last} looks again. */
  void forget(FilesystemName root) {
    views.remove(root);
  }

  /** The records of a volume, those that were written since the look included. */
  List<Stored> records(FilesystemName root, View view) {
    List<Stored> all = new ArrayList<>(Observer.stored(view));
    all.addAll(records.getOrDefault(root, List.of()));
    return all;
  }

  void recorded(FilesystemName root, Stored stored) {
    records.merge(
        root,
        List.of(stored),
        (a, b) -> {
          List<Stored> both = new ArrayList<>(a);
          both.addAll(b);
          return List.copyOf(both);
        });
  }

  private static void requireUsable(LogicalVolume live, String host) {
    String obstacle =
        live.pool().isPresent() || live.type().startsWith("thin")
            ? "is a thin volume, which is not supported yet"
            : live.origin().isPresent()
                ? "is itself a snapshot"
                : live.active() ? "" : "is not active (lvchange -ay activates it)";
    if (!obstacle.isEmpty()) {
      throw new UnsupportedException(
          live.volume() + " on " + host + " " + obstacle + "; nothing was done", null);
    }
  }
}
