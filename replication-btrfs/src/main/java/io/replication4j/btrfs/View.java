package io.replication4j.btrfs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One filesystem with its snapshots, as one listing shows it. */
final class View {

  /**
   * A snapshot in our directory.
   *
   * @param set the name of its set as the directory is called; internal ones start with a dot
   * @param path the member that its own name says
   */
  record Entry(Subvolume subvolume, String set, String path) {

    boolean isInternal() {
      return set.startsWith(".");
    }

    /** Whether it shows what its origin was when that was known to be unchanged. */
    boolean isWitness() {
      return !isInternal() || set.startsWith("." + INSTALLED);
    }

    /** Whether it may lack data, although it may say that it is whole. */
    boolean isBeingReceived() {
      return set.startsWith("." + BtrfsLayout.RECEIVING);
    }

    boolean isCheck() {
      return set.equals("." + CHECK);
    }

    String name() {
      return BtrfsLayout.decode(set);
    }
  }

  /** Snapshots of the copies as they were installed: {@code .installed-a} and so on. */
  static final String INSTALLED = "installed-";

  /** Snapshots of copies that are being compared with what they were. */
  static final String CHECK = "check";

  private final BtrfsLayout layout;
  private final Subvolumes all;
  private final TreeMap<String, Subvolume> live = new TreeMap<>();
  private final List<Entry> entries = new ArrayList<>();

  View(BtrfsLayout layout, Subvolumes all) {
    this.layout = layout;
    this.all = all;
    readLive();
    readEntries();
  }

  private void readLive() {
    String root = layout.inFilesystem(place());
    Optional<Subvolume> top = all.at(root);
    if (top.isEmpty() && !root.isEmpty()) {
      return;
    }
    top.ifPresent(row -> live.put("", row));
    String ours = layout.inFilesystem(layout.holder());
    for (Subvolume row : all.below(root)) {
      String path = row.path().substring(root.isEmpty() ? 0 : root.length() + 1);
      if (!isOurs(path) && !row.path().equals(ours) && !row.path().startsWith(ours + "/")) {
        live.put(path, row);
      }
    }
  }

  private static boolean isOurs(String path) {
    for (String part : path.split("/")) {
      if (part.equals(BtrfsLayout.DIRECTORY) || part.startsWith(BtrfsLayout.DIRECTORY + "-")) {
        return true;
      }
    }
    return false;
  }

  private void readEntries() {
    String leaf = layout.inFilesystem(layout.leafDirectory());
    for (Subvolume row : all.below(leaf)) {
      String[] parts = row.path().substring(leaf.length() + 1).split("/");
      if (parts.length == 2) {
        BtrfsLayout.member(parts[1])
            .ifPresent(member -> entries.add(new Entry(row, parts[0], member)));
      }
    }
  }

  /** Whether no installation was cut: nothing stands beside the place. */
  boolean isSettled() {
    return at(layout.next()).isEmpty() && at(layout.old()).isEmpty();
  }

  /** Witnesses of copies that stand nowhere any more. */
  List<Entry> orphans() {
    return entries.stream()
        .filter(entry -> entry.isInternal() && entry.isWitness())
        .filter(
            entry ->
                Stream.of(layout.path(), layout.next(), layout.old())
                    .flatMap(place -> tree(place).values().stream())
                    .noneMatch(copy -> entry.subvolume().isSnapshotOf(copy)))
        .toList();
  }

  /**
   * Where the filesystem stands: at its place; but a host that cannot exchange two names may have
   * been cut between the renames. Then it is the copy that was on its way there, which was whole
   * before the other one was renamed; or else the other one.
   */
  String place() {
    boolean between = at(layout.path()).isEmpty() && at(layout.old()).isPresent();
    if (!between) {
      return layout.path();
    }
    return at(layout.next()).isPresent() ? layout.next() : layout.old();
  }

  /** The same without these. */
  View without(Set<Subvolume> gone) {
    return new View(layout, all.without(gone));
  }

  BtrfsLayout layout() {
    return layout;
  }

  Subvolumes all() {
    return all;
  }

  /**
   * The live subvolumes by member path, the filesystem itself as "": as they will be when an
   * installation that was cut is finished.
   */
  Map<String, Subvolume> live() {
    return live;
  }

  List<Entry> entries() {
    return entries;
  }

  /** The subvolumes that lie in a live member itself, members or not, as paths below it. */
  List<String> nestedIn(String member) {
    Subvolume holder = live.get(member);
    if (holder == null) {
      return List.of();
    }
    int prefix = holder.path().isEmpty() ? 0 : holder.path().length() + 1;
    return all.below(holder.path()).stream()
        .filter(row -> row.parent() == holder.id())
        .map(row -> row.path().substring(prefix))
        .toList();
  }

  /** The snapshots called {@code name}, parents first. */
  List<Entry> set(String name) {
    return entries.stream().filter(e -> e.set().equals(BtrfsLayout.encode(name))).toList();
  }

  /** The entries of the internal directory. */
  List<Entry> internal(String name) {
    return entries.stream().filter(e -> e.set().equals("." + name)).toList();
  }

  Optional<Entry> entry(String name, String member) {
    return set(name).stream().filter(e -> e.path().equals(member)).findFirst();
  }

  /** The entry that the subvolume was made from. */
  Optional<Entry> originOf(Subvolume subvolume) {
    return all.withUuid(subvolume.parentUuid())
        .flatMap(origin -> entries.stream().filter(e -> e.subvolume().equals(origin)).findFirst());
  }

  /** Our snapshots of the live subvolume, newest first: what it is compared with. */
  List<Entry> witnesses(Subvolume origin) {
    return entries.stream()
        .filter(e -> e.isWitness() && e.subvolume().isSnapshotOf(origin))
        .sorted((a, b) -> Long.compare(b.subvolume().createdIn(), a.subvolume().createdIn()))
        .toList();
  }

  /**
   * A snapshot of ours, of this filesystem or of one that overlaps it, since which the live
   * subvolume was not touched: this filesystem's own if there is one.
   */
  Optional<Subvolume> untouchedSince(Subvolume origin) {
    Predicate<Subvolume> untouched = row -> row.createdIn() == origin.generation();
    return witnesses(origin).stream()
        .map(Entry::subvolume)
        .filter(untouched)
        .findFirst()
        .or(() -> all.snapshotsOf(origin).filter(layout::isSnapshot).filter(untouched).findFirst());
  }

  /** The live member that the snapshot was taken of, whatever it was called then. */
  Optional<String> takenOf(Entry entry) {
    return live.entrySet().stream()
        .filter(member -> entry.subvolume().isSnapshotOf(member.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * A snapshot belongs to the live member that it was taken of; else to the path that its name
   * says.
   */
  String memberOf(Entry entry) {
    return takenOf(entry).orElse(entry.path());
  }

  /** The host path of an entry. */
  String pathOf(Entry entry) {
    return layout.leafDirectory() + "/" + entry.set() + "/" + BtrfsLayout.entry(entry.path());
  }

  /**
   * What was received in part: writable, and without the mark of a received subvolume; or not known
   * to be on disk.
   */
  List<Entry> partial() {
    return entries.stream()
        .filter(e -> e.isBeingReceived() || (!e.isInternal() && isPartial(e.subvolume())))
        .toList();
  }

  boolean isPartial(Subvolume row) {
    return row.receivedUuid().isEmpty()
        && (row.parentUuid().isEmpty() || originOf(row).isPresent());
  }

  /** An internal directory that holds nothing yet. */
  String freeSlot() {
    return freeSlot("");
  }

  /**
   * As {@link #freeSlot()}.
   *
   * @param taken another that is not free any more
   */
  String freeSlot(String taken) {
    char letter = 'a';
    while (taken.equals(INSTALLED + letter) || !internal(INSTALLED + letter).isEmpty()) {
      letter++;
    }
    return INSTALLED + letter;
  }

  /** The subvolume at this host path. */
  Optional<Subvolume> at(String hostPath) {
    return all.at(layout.inFilesystem(hostPath));
  }

  /** The subvolume at this host path, and all in it, by path below it; parents first. */
  Map<String, Subvolume> tree(String hostPath) {
    Map<String, Subvolume> tree = new TreeMap<>();
    at(hostPath)
        .ifPresent(
            top -> {
              tree.put("", top);
              int prefix = top.path().isEmpty() ? 0 : top.path().length() + 1;
              all.below(top.path()).forEach(row -> tree.put(row.path().substring(prefix), row));
            });
    return tree;
  }
}
