package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.UnsupportedException;
import io.replication4j.command.CommandRunner;
import io.replication4j.lvm.ReportParser.Report;
import io.replication4j.lvm.Tags.Growth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Listings of one host, and what they said of each volume. Thread-safe. */
final class Looks {

  private final LvmBackend backend;
  private final Map<FilesystemName, View> views = new ConcurrentHashMap<>();

  /** Whose records were written since the last look. */
  private final Set<FilesystemName> recorded = ConcurrentHashMap.newKeySet();

  private volatile boolean isExact;

  Looks(LvmBackend backend) {
    this.backend = backend;
  }

  /** One listing for all, in order of the names. */
  List<View> now(List<FilesystemName> roots, CommandRunner through) throws InterruptedException {
    requireExact();
    String output = backend.runOrFail(LvmCommands.list(), through).output();
    Report report = ReportParser.parse(through.host(), output);
    List<View> seen = new ArrayList<>();
    for (FilesystemName root : roots) {
      View view = View.of(Volume.of(root), report);
      view.live().ifPresent(live -> requireUsable(live, through.host()));
      views.put(root, view);
      recorded.remove(root);
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

  private static void requireUsable(LogicalVolume live, String host) {
    String obstacle =
        live.pool().isPresent() || live.layout().contains("thin")
            ? "is a thin volume, which is not supported yet"
            : live.origin().isPresent()
                ? "is itself a snapshot"
                : live.active() || Growth.of(live.tags()).isPresent() ? "" : "is not active (lvchange -ay activates it)";
    if (!obstacle.isEmpty()) {
      throw new UnsupportedException(
          live.volume() + " on " + host + " " + obstacle + "; nothing was done", null);
    }
  }
}
