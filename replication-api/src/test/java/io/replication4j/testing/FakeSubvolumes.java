package io.replication4j.testing;

import io.replication4j.FilesystemName;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fake storage that behaves like btrfs: the snapshots of a tree lie in a set of their own, by name;
 * what is received is a snapshot in a set, and what stands at the final location is a copy that is
 * installed.
 */
final class FakeSubvolumes extends FakeDisk {

  /**
   * Status of {@code check} and {@code install} when a copy was changed; the error output names the
   * member.
   */
  static final int DIFFERS = 3;

  /** What {@code install} replaces that may discard it. */
  static final String WHATEVER = "-f";

  /**
   * What is kept for one root: the sets by name, their entries by path; paths that were received in
   * part; records.
   */
  private static final class Store {
    final TreeMap<String, TreeMap<String, FakeVersion>> sets = new TreeMap<>();
    final Map<String, Set<String>> partial = new TreeMap<>();
    final Map<String, String> records = new TreeMap<>();
  }

  private final Map<String, Store> stores = new TreeMap<>();

  FakeSubvolumes(Clock clock, Supplier<String> ids) {
    super(clock, ids);
  }

  private Store store(FilesystemName root) throws FakeFailure {
    Store store = stores.get(root.value());
    if (store == null) {
      throw new FakeFailure(FakeFailure.NOT_FOUND, "'" + root + "' has no snapshot directory");
    }
    return store;
  }

  private TreeMap<String, FakeVersion> set(FilesystemName root, String name) throws FakeFailure {
    TreeMap<String, FakeVersion> set = store(root).sets.get(name);
    if (set == null) {
      throw new FakeFailure(
          FakeFailure.NOT_FOUND, "'" + root + "' has no snapshots called '" + name + "'");
    }
    return set;
  }

  /** An entry of a set, with the member that it belongs to now. */
  private record Owned(String member, String entry, FakeVersion version) {}

  @Override
  Set<String> partial() {
    Set<String> partial = new TreeSet<>();
    stores.forEach(
        (root, store) ->
            store
                .partial
                .values()
                .forEach(members -> members.forEach(m -> partial.add(root + "/" + m))));
    return partial;
  }

  @Override
  List<FakeRow> list(FilesystemName root, boolean recursive) {
    Store store = stores.getOrDefault(root.value(), new Store());
    List<FakeRow> rows = new ArrayList<>();
    rows.add(FakeRow.of("root", root, stores.containsKey(root.value()), ""));
    store.records.forEach((pair, text) -> rows.add(FakeRow.of("record", pair, text)));
    List<Owned> owned = owned(root, store);
    TreeSet<String> paths = new TreeSet<>();
    within(root).forEach(name -> paths.add(name.pathFrom(root)));
    owned.forEach(entry -> paths.add(entry.member()));
    store.partial.values().forEach(paths::addAll);
    paths.removeIf(path -> !recursive && !path.isEmpty());
    for (String path : paths) {
      describe(
          root, path, owned.stream().filter(o -> o.member().equals(path)).toList(), store, rows);
    }
    return rows;
  }

  /**
   * A snapshot of ours belongs to the live filesystem that it was taken of, wherever that is now; a
   * received one to its path.
   */
  private List<Owned> owned(FilesystemName root, Store store) {
    Map<String, String> paths = new TreeMap<>();
    within(root).forEach(name -> paths.put(live.get(name.value()).uuid, name.pathFrom(root)));
    List<Owned> owned = new ArrayList<>();
    store
        .sets
        .values()
        .forEach(
            set ->
                set.forEach(
                    (entry, version) -> {
                      String member =
                          version
                              .takenOf
                              .map(uuid -> paths.getOrDefault(uuid, entry))
                              .orElse(entry);
                      boolean anothers =
                          version.takenOf.filter(uuid -> !paths.containsKey(uuid)).isPresent()
                              && paths.containsValue(entry);
                      if (!anothers) {
                        owned.add(new Owned(member, entry, version));
                      }
                    }));
    owned.sort(Comparator.comparingLong(o -> o.version().order));
    return owned;
  }

  private void describe(
      FilesystemName root, String path, List<Owned> owned, Store store, List<FakeRow> rows) {
    boolean partial = store.partial.values().stream().anyMatch(set -> set.contains(path));
    FakeLive fs = live.get(root.child(path).value());
    List<FakeVersion> versions = owned.stream().map(Owned::version).toList();
    List<String> same = fs == null ? List.of() : same(fs, versions);
    rows.add(
        FakeRow.of(
            "member",
            path,
            kind(fs, versions, same),
            String.join(",", shown(fs, same)),
            "",
            "",
            partial));
    for (Owned o : owned) {
      FakeVersion v = o.version();
      rows.add(FakeRow.of("version", false, root.child(o.entry()), v.name, v.id, v.order, v.at));
    }
  }

  private static List<String> same(FakeLive fs, List<FakeVersion> versions) {
    List<String> same = new ArrayList<>();
    versions.stream()
        .filter(v -> v.takenOf.filter(fs.uuid::equals).isPresent() && v.order >= fs.changed)
        .forEach(v -> same.add(v.id));
    fs.copyOf.filter(v -> fs.changed <= fs.copied).ifPresent(v -> same.add(v.id));
    return same;
  }

  private static String kind(@Nullable FakeLive fs, List<FakeVersion> versions, List<String> same) {
    if (fs == null) {
      return "ABSENT";
    }
    if (!same.isEmpty()) {
      return "IDENTICAL";
    }
    if (fs.copyOf.isPresent()) {
      return "UNPROVEN";
    }
    return versions.stream().anyMatch(v -> v.takenOf.filter(fs.uuid::equals).isPresent())
        ? "CHANGED"
        : "FOREIGN";
  }

  private static List<String> shown(@Nullable FakeLive fs, List<String> same) {
    return same.isEmpty() && fs != null ? fs.copyOf.map(v -> v.id).stream().toList() : same;
  }

  @Override
  void snapshot(FilesystemName root, String name, boolean recursive, List<String> members)
      throws FakeFailure {
    TreeMap<String, FakeVersion> set = store(root).sets.computeIfAbsent(name, n -> new TreeMap<>());
    for (String member : members) {
      FakeLive fs = require(root.child(member));
      if (set.containsKey(member)) {
        throw new FakeFailure(
            FakeFailure.EXISTS,
            "snapshot '" + name + "' of '" + root.child(member) + "' already exists");
      }
      set.put(member, take(name, fs));
    }
  }

  @Override
  void renameSnapshot(
      FilesystemName root, String from, String to, boolean recursive, List<String> members)
      throws FakeFailure {
    TreeMap<String, FakeVersion> set = set(root, from);
    if (store(root).sets.containsKey(to)) {
      throw new FakeFailure(
          FakeFailure.EXISTS, "snapshots '" + to + "' of '" + root + "' already exist");
    }
    store(root).sets.remove(from);
    store(root).sets.put(to, set);
    set.values().forEach(version -> version.name = to);
  }

  @Override
  void destroySnapshot(FilesystemName root, String name, boolean recursive, List<String> members)
      throws FakeFailure {
    TreeMap<String, FakeVersion> set = set(root, name);
    List<Owned> owned =
        owned(root, store(root)).stream().filter(o -> set.containsValue(o.version())).toList();
    owned.stream().filter(o -> members.contains(o.member())).forEach(o -> set.remove(o.entry()));
    if (owned.stream().allMatch(o -> members.contains(o.member()))) {
      store(root).sets.remove(name); // with what belongs to no member any more
    }
  }

  @Override
  void abort(FilesystemName root, List<String> members) throws FakeFailure {
    store(root).partial.values().forEach(paths -> paths.removeAll(members));
  }

  @Override
  void rollBack(FilesystemName root, String member, String to) throws FakeFailure {
    FakeVersion version = find(root, member, to, false);
    live.remove(root.child(member).value());
    install(root.child(member), version);
  }

  private void install(FilesystemName name, FakeVersion version) throws FakeFailure {
    FakeLive copy = create(name);
    copy.content = new TreeMap<>(version.content);
    copy.copyOf = Optional.of(version);
    copy.copied = copy.changed;
  }

  /** Only the copy moves; a new one is installed later. */
  @Override
  void keepAside(FilesystemName root, String member, String name, Optional<String> base)
      throws FakeFailure {
    renameTree(root.child(member), aside(root, member, name));
  }

  @Override
  void prepare(FilesystemName root) {
    stores.computeIfAbsent(root.value(), r -> new Store());
  }

  @Override
  void record(FilesystemName root, String pair, String text) throws FakeFailure {
    store(root).records.put(pair, text);
  }

  @Override
  FakeVersion find(FilesystemName root, String path, String name, boolean bookmark)
      throws FakeFailure {
    FakeVersion found = set(root, name).get(path);
    if (found == null) {
      throw new FakeFailure(
          FakeFailure.NOT_FOUND, "'" + root.child(path) + "' has no snapshot '" + name + "'");
    }
    return found;
  }

  @Override
  FakeVersion ofMember(FilesystemName root, String path, String name) throws FakeFailure {
    return owned(root, store(root)).stream()
        .filter(o -> o.member().equals(path) && o.version().name.equals(name))
        .map(Owned::version)
        .findFirst()
        .orElseThrow(
            () ->
                new FakeFailure(
                    FakeFailure.NOT_FOUND,
                    "'" + root.child(path) + "' has no snapshot '" + name + "'"));
  }

  @Override
  List<FakeVersion> between(FilesystemName root, String path, FakeVersion base, FakeVersion last) {
    return List.of();
  }

  @Override
  FakeStream.Part resume(FilesystemName root, FakeSpec spec, String token) throws FakeFailure {
    throw new FakeFailure(FakeFailure.USAGE, "streams do not resume here");
  }

  @Override
  void receive(FilesystemName root, FakeStream.Part part) throws FakeFailure {
    requireReceivable(root, part);
    Map<String, String> old = Map.of();
    if (!part.base().isEmpty()) {
      old = parent(root, part).content;
    }
    FakeVersion received =
        new FakeVersion(
            part.name(),
            part.id(),
            next(),
            clock.instant(),
            false,
            part.applyTo(old),
            Optional.empty());
    store(root).sets.computeIfAbsent(part.name(), n -> new TreeMap<>()).put(part.path(), received);
  }

  private FakeVersion parent(FilesystemName root, FakeStream.Part part) throws FakeFailure {
    return store(root).sets.values().stream()
        .flatMap(set -> set.values().stream())
        .filter(version -> version.id.equals(part.base()))
        .findFirst()
        .orElseThrow(
            () ->
                new FakeFailure(
                    FakeFailure.NOT_FOUND, "cannot find parent subvolume " + part.base()));
  }

  private void requireReceivable(FilesystemName root, FakeStream.Part part) throws FakeFailure {
    if (!part.base().isEmpty()) {
      parent(root, part);
    }
    boolean taken =
        store(root).partial.getOrDefault(part.name(), Set.of()).contains(part.path())
            || store(root).sets.getOrDefault(part.name(), new TreeMap<>()).containsKey(part.path());
    if (taken) {
      throw new FakeFailure(
          FakeFailure.EXISTS,
          "creating snapshot '"
              + part.name()
              + "' of '"
              + root.child(part.path())
              + "': File exists");
    }
  }

  @Override
  void receiveCut(FilesystemName root, FakeStream.Part part) throws FakeFailure {
    requireReceivable(root, part);
    store(root).partial.computeIfAbsent(part.name(), n -> new TreeSet<>()).add(part.path());
  }

  @Override
  void special(List<String> words) throws FakeFailure {
    FilesystemName root = FilesystemName.of(words.get(2));
    List<String> members = words.subList(5, words.size()).stream().map(FakeSpec::path).toList();
    switch (words.get(1)) {
      case "check" -> check(root, words.get(3), words.get(4), members);
      case "install" -> installAll(root, words.get(3), words.get(4), members);
      default -> throw new FakeFailure(FakeFailure.USAGE, "unknown command " + words);
    }
  }

  private void check(FilesystemName root, String name, String aside, List<String> members)
      throws FakeFailure {
    for (String member : members) {
      FakeLive copy = require(root.child(member));
      if (!copy.content.equals(find(root, member, name, false).content)) {
        if (aside.equals("-")) {
          throw new FakeFailure(DIFFERS, member);
        }
        keepAside(root, "", aside, Optional.of(name));
        return;
      }
    }
  }

  private boolean isUnchanged(FilesystemName root, String replaces, FilesystemName present)
      throws FakeFailure {
    if (replaces.equals("-")) {
      return false;
    }
    FakeVersion before = set(root, replaces).get(present.pathFrom(root));
    return before != null && before.content.equals(live.get(present.value()).content);
  }

  private void installAll(FilesystemName root, String name, String replaces, List<String> members)
      throws FakeFailure {
    TreeMap<String, FakeVersion> set = set(root, name);
    for (FilesystemName present : within(root)) {
      if (!replaces.equals(WHATEVER) && !isUnchanged(root, replaces, present)) {
        throw new FakeFailure(DIFFERS, present.pathFrom(root));
      }
    }
    within(root).forEach(present -> live.remove(present.value()));
    for (String member : members) {
      install(
          root.child(member),
          Optional.ofNullable(set.get(member))
              .orElseThrow(
                  () ->
                      new FakeFailure(
                          FakeFailure.NOT_FOUND,
                          "no '" + name + "' of '" + root.child(member) + "'")));
    }
  }
}
