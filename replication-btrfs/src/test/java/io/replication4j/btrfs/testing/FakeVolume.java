package io.replication4j.btrfs.testing;

import io.replication4j.btrfs.testing.FakeNode.FakeDirectory;
import io.replication4j.btrfs.testing.FakeNode.FakeFile;
import io.replication4j.btrfs.testing.FakeNode.FakeSubvolume;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A btrfs in memory, as the kernel sees it; every change is a transaction. Not thread-safe: {@link
 * FakeBtrfs} locks.
 */
final class FakeVolume {

  private static final long TOP_ID = 5;

  private final String point;
  private final Clock clock;
  private final FakeSubvolume top;
  private long lastId = 255;
  private long generation = 7;

  FakeVolume(String point, Clock clock) {
    this.point = point;
    this.clock = clock;
    this.top = new FakeSubvolume(TOP_ID, uuid(), Optional.empty(), generation, now());
  }

  /**
   * A subvolume with where it is.
   *
   * @param path from the top of the filesystem, without a leading slash
   * @param holder the id of the subvolume that it lies in
   */
  record Located(FakeSubvolume subvolume, String path, long holder) {}

  /** A name in a directory, whether or not there is something of that name. */
  private record Spot(FakeSubvolume holder, FakeDirectory directory, String name) {

    Optional<FakeNode> node() {
      return Optional.ofNullable(directory.entries.get(name));
    }

    FakeNode need() {
      return node().orElseThrow(() -> new FakeErrno(FakeErrno.NO_ENTRY));
    }
  }

  private static String uuid() {
    return UUID.randomUUID().toString();
  }

  private long now() {
    return clock.instant().getEpochSecond();
  }

  String point() {
    return point;
  }

  /** Whether the path is the mount point or above it. */
  boolean isAbove(String path) {
    return path.equals("/") || point.equals(path) || point.startsWith(path + "/");
  }

  // ------------------------------------------------------------------ looking

  /** All but the top, by id. */
  List<Located> subvolumes() {
    List<Located> found = new ArrayList<>();
    collect(top, "", TOP_ID, found);
    found.sort(Comparator.comparingLong(located -> located.subvolume().id));
    return found;
  }

  private static void collect(
      FakeDirectory directory, String prefix, long holder, List<Located> found) {
    directory.entries.forEach(
        (name, node) -> {
          if (node instanceof FakeSubvolume subvolume) {
            found.add(new Located(subvolume, prefix + name, holder));
            collect(subvolume, prefix + name + "/", subvolume.id, found);
          } else if (node instanceof FakeDirectory below) {
            collect(below, prefix + name + "/", holder, found);
          }
        });
  }

  /** The host paths of all files. */
  List<String> files() {
    List<String> found = new ArrayList<>();
    collectFiles(top, point + "/", found);
    return found;
  }

  private static void collectFiles(FakeDirectory directory, String prefix, List<String> found) {
    directory.entries.forEach(
        (name, node) -> {
          if (node instanceof FakeDirectory below) {
            collectFiles(below, prefix + name + "/", found);
          } else {
            found.add(prefix + name);
          }
        });
  }

  Optional<FakeSubvolume> withUuid(String uuid) {
    return subvolumes().stream()
        .map(Located::subvolume)
        .filter(s -> s.uuid.equals(uuid))
        .findFirst();
  }

  /** What is at the host path; a path through a file leads nowhere. */
  Optional<FakeNode> find(String path) {
    try {
      return Optional.of(need(path));
    } catch (FakeErrno e) {
      return Optional.empty();
    }
  }

  FakeNode need(String path) {
    return path.equals(point) ? top : spot(path).need();
  }

  FakeSubvolume subvolume(String path) {
    if (need(path) instanceof FakeSubvolume subvolume) {
      return subvolume;
    }
    throw new FakeErrno(FakeErrno.INVALID);
  }

  private Spot spot(String path) {
    if (!path.startsWith(point + "/")) {
      throw new FakeErrno(FakeErrno.NO_ENTRY);
    }
    String[] parts = path.substring(point.length() + 1).split("/");
    Spot spot = new Spot(top, top, parts[0]);
    for (int i = 1; i < parts.length; i++) {
      if (!(spot.need() instanceof FakeDirectory directory)) {
        throw new FakeErrno(FakeErrno.NOT_A_DIRECTORY);
      }
      spot =
          new Spot(
              directory instanceof FakeSubvolume holder ? holder : spot.holder(),
              directory,
              parts[i]);
    }
    return spot;
  }

  private Spot free(String path) {
    Spot spot = spot(path);
    if (spot.node().isPresent()) {
      throw new FakeErrno(FakeErrno.EXISTS);
    }
    return spot;
  }

  // ------------------------------------------------------------------ changing

  /** The time of a change. */
  private long change(FakeSubvolume holder) {
    if (holder.readOnly) {
      throw new FakeErrno(FakeErrno.READ_ONLY);
    }
    holder.generation = ++generation;
    return generation;
  }

  private void change(Spot spot) {
    spot.directory().time = change(spot.holder());
  }

  private void put(Spot spot, FakeNode node) {
    change(spot);
    spot.directory().entries.put(spot.name(), node);
  }

  private void remove(Spot spot) {
    change(spot);
    spot.directory().entries.remove(spot.name());
  }

  void makeDirectory(String path) {
    put(free(path), new FakeDirectory(false, generation + 1));
  }

  /** With its parents, as far as they are missing. */
  void makeDirectories(String path) {
    if (isAbove(path)) {
      return;
    }
    makeDirectories(path.substring(0, Math.max(1, path.lastIndexOf('/'))));
    Spot spot = spot(path);
    if (spot.node().isEmpty()) {
      makeDirectory(path);
    } else if (!(spot.need() instanceof FakeDirectory)) {
      throw new FakeErrno(FakeErrno.EXISTS);
    }
  }

  /** Creates or replaces a file. */
  void write(String path, String text) {
    Spot spot = spot(path);
    if (spot.node().filter(FakeDirectory.class::isInstance).isPresent()) {
      throw new FakeErrno("Is a directory");
    }
    if (spot.node().isPresent()) {
      change(spot.holder());
    } else {
      change(spot);
    }
    spot.directory().entries.put(spot.name(), new FakeFile(text, generation));
  }

  /** Removes a file or an empty directory. */
  void remove(String path) {
    Spot spot = spot(path);
    if (spot.need() instanceof FakeDirectory directory
        && (directory instanceof FakeSubvolume || !directory.entries.isEmpty())) {
      throw new FakeErrno(FakeErrno.NOT_EMPTY);
    }
    remove(spot);
  }

  void setTime(String path, long time) {
    Spot spot = spot(path);
    FakeNode node = spot.need();
    change(node instanceof FakeSubvolume subvolume ? subvolume : spot.holder());
    if (node instanceof FakeFile file) {
      spot.directory().entries.put(spot.name(), new FakeFile(file.text(), time));
    } else if (node instanceof FakeDirectory directory) {
      directory.time = time;
    }
  }

  static long timeOf(FakeNode node) {
    return node instanceof FakeDirectory directory ? directory.time : ((FakeFile) node).time();
  }

  /** rename(2). */
  void move(String from, String to) {
    Spot source = spot(from);
    FakeNode node = source.need();
    Spot target = spot(to);
    requireReplaceable(node, target);
    requireMovable(node, source, target);
    change(target);
    remove(source);
    target.directory().entries.put(target.name(), node);
  }

  private static void requireReplaceable(FakeNode node, Spot target) {
    if (target.node().isEmpty()) {
      return;
    }
    boolean isDirectory = target.need() instanceof FakeDirectory;
    if (isDirectory != node instanceof FakeDirectory) {
      throw new FakeErrno(isDirectory ? "Is a directory" : FakeErrno.NOT_A_DIRECTORY);
    }
    if (target.need() instanceof FakeSubvolume
        || (target.need() instanceof FakeDirectory directory && !directory.entries.isEmpty())) {
      throw new FakeErrno(FakeErrno.NOT_EMPTY);
    }
  }

  /** A read-only subvolume cannot get another parent; what is no subvolume stays in its own. */
  private static void requireMovable(FakeNode node, Spot source, Spot target) {
    if (node instanceof FakeSubvolume subvolume
        && subvolume.readOnly
        && source.directory() != target.directory()) {
      throw new FakeErrno(FakeErrno.READ_ONLY);
    }
    if (!(node instanceof FakeSubvolume) && source.holder() != target.holder()) {
      throw new FakeErrno(FakeErrno.OTHER_DEVICE);
    }
  }

  /** renameat2(2) with RENAME_EXCHANGE. */
  void exchange(String one, String other) {
    Spot a = spot(one);
    Spot b = spot(other);
    FakeNode first = a.need();
    FakeNode second = b.need();
    requireMovable(first, a, b);
    requireMovable(second, b, a);
    change(a);
    change(b);
    a.directory().entries.put(a.name(), second);
    b.directory().entries.put(b.name(), first);
  }

  // ------------------------------------------------------------------ subvolumes

  FakeSubvolume createSubvolume(String path) {
    Spot spot = free(path);
    change(spot);
    FakeSubvolume created =
        new FakeSubvolume(++lastId, uuid(), Optional.empty(), generation, now());
    spot.directory().entries.put(spot.name(), created);
    return created;
  }

  /**
   * Taking a snapshot moves the generation of its origin to the one in which the snapshot is
   * created.
   */
  FakeSubvolume snapshot(FakeSubvolume origin, String path, boolean readOnly) {
    Spot spot = free(path);
    change(spot);
    FakeSubvolume snapshot =
        new FakeSubvolume(++lastId, uuid(), Optional.of(origin.uuid), generation, now());
    origin.generation = generation;
    snapshot.copyFrom(origin);
    snapshot.readOnly = readOnly;
    snapshot.receivedUuid = origin.receivedUuid.filter(uuid -> readOnly);
    spot.directory().entries.put(spot.name(), snapshot);
    return snapshot;
  }

  void deleteSubvolume(String path) {
    if (subvolumes().stream()
        .anyMatch(located -> (point + "/" + located.path()).startsWith(path + "/"))) {
      throw new FakeErrno(FakeErrno.NOT_EMPTY);
    }
    subvolume(path);
    remove(spot(path));
  }

  /** Marks it as received whole. */
  void finishReceive(FakeSubvolume subvolume, String uuid) {
    subvolume.generation = ++generation;
    subvolume.receivedUuid = Optional.of(uuid);
    subvolume.readOnly = true;
  }
}
