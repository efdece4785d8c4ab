package io.replication4j.testing;

import io.replication4j.FilesystemName;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Fake storage that behaves like ZFS: snapshots belong to their filesystem, and what is received is
 * live at once.
 */
final class FakeDatasets extends FakeDisk {

  private static final int LONGEST_RECORD = 1024;

  FakeDatasets(Clock clock, Supplier<String> ids) {
    super(clock, ids);
  }

  @Override
  Set<String> partial() {
    Set<String> partial = new TreeSet<>();
    live.forEach((name, fs) -> fs.partial.ifPresent(part -> partial.add(name)));
    return partial;
  }

  @Override
  List<FakeRow> list(FilesystemName root, boolean recursive) {
    List<FakeRow> rows = new ArrayList<>();
    FakeLive top = live.get(root.value());
    rows.add(
        FakeRow.of(
            "root",
            root,
            parent(root).isEmpty() || live.containsKey(parent(root)),
            top == null ? "" : top.uuid));
    if (top != null) {
      top.records.forEach((pair, text) -> rows.add(FakeRow.of("record", pair, text)));
      within(root).stream()
          .filter(name -> recursive || name.equals(root))
          .forEach(name -> describe(root, name, rows));
    }
    return rows;
  }

  private void describe(FilesystemName root, FilesystemName name, List<FakeRow> rows) {
    FakeLive fs = live.get(name.value());
    List<String> same =
        fs.versions.stream()
            .filter(v -> !v.bookmark && v.order >= fs.changed)
            .map(v -> v.id)
            .toList();
    String kind = !fs.visible ? "ABSENT" : same.isEmpty() ? "CHANGED" : "IDENTICAL";
    rows.add(
        FakeRow.of(
            "member",
            name.pathFrom(root),
            kind,
            String.join(",", fs.visible ? same : List.of()),
            fs.partial.map(p -> p.id()).orElse(""),
            fs.partial.map(FakeDatasets::token).orElse(""),
            fs.partial.isPresent()));
    for (FakeVersion v : fs.versions) {
      rows.add(FakeRow.of("version", v.bookmark, name, v.name, v.id, v.order, v.at));
    }
  }

  private static String token(FakeStream.Part partial) {
    return partial.changes().size() + ":" + partial.base() + ":" + partial.id();
  }

  private static String parent(FilesystemName name) {
    return name.value().substring(0, Math.max(0, name.value().lastIndexOf('/')));
  }

  /**
   * The filesystems that a command is about: the named members, or all that have such a snapshot.
   */
  private List<FakeLive> having(
      FilesystemName root, String name, boolean recursive, List<String> members)
      throws FakeFailure {
    List<FakeLive> found = new ArrayList<>();
    if (recursive) {
      within(root).stream()
          .map(n -> live.get(n.value()))
          .filter(f -> f.version(name, false).isPresent())
          .forEach(found::add);
    } else {
      for (String member : members) {
        FakeLive fs = require(root.child(member));
        fs.snapshot(name, root.child(member).value());
        found.add(fs);
      }
    }
    if (found.isEmpty()) {
      throw new FakeFailure(FakeFailure.NOT_FOUND, "no snapshot '" + name + "' in '" + root + "'");
    }
    return found;
  }

  @Override
  void snapshot(FilesystemName root, String name, boolean recursive, List<String> members)
      throws FakeFailure {
    require(root);
    List<FakeLive> all = new ArrayList<>();
    for (FilesystemName fs :
        recursive ? within(root) : members.stream().map(root::child).toList()) {
      all.add(require(fs));
      requireFree(require(fs), name);
    }
    all.forEach(fs -> fs.versions.add(take(name, fs)));
  }

  private static void requireFree(FakeLive fs, String name) throws FakeFailure {
    if (fs.version(name, false).isPresent()) {
      throw new FakeFailure(FakeFailure.EXISTS, "snapshot '" + name + "' already exists");
    }
  }

  @Override
  void renameSnapshot(
      FilesystemName root, String from, String to, boolean recursive, List<String> members)
      throws FakeFailure {
    List<FakeLive> all = having(root, from, recursive, members);
    for (FakeLive fs : all) {
      requireFree(fs, to);
    }
    for (FakeLive fs : all) {
      fs.snapshot(from, "").name = to;
    }
  }

  @Override
  void destroySnapshot(FilesystemName root, String name, boolean recursive, List<String> members)
      throws FakeFailure {
    List<FakeLive> all = having(root, name, recursive, members);
    for (FakeLive fs : all) {
      fs.snapshot(name, "").requireFree();
    }
    for (FakeLive fs : all) {
      fs.versions.remove(fs.snapshot(name, ""));
    }
  }

  @Override
  void abort(FilesystemName root, List<String> members) throws FakeFailure {
    for (String member : members) {
      FakeLive fs = require(root.child(member));
      fs.partial = Optional.empty();
      if (!fs.visible) {
        live.remove(root.child(member).value());
      }
    }
  }

  @Override
  void rollBack(FilesystemName root, String member, String to) throws FakeFailure {
    FakeLive fs = require(root.child(member));
    FakeVersion version = fs.snapshot(to, root.child(member).value());
    for (FakeVersion later : fs.versions) {
      if (later.order > version.order) {
        later.requireFree();
      }
    }
    fs.versions.removeIf(v -> v.order > version.order);
    reset(fs, version);
  }

  private static void reset(FakeLive fs, FakeVersion version) {
    fs.content = new TreeMap<>(version.content);
    fs.changed = version.order;
  }

  @Override
  void keepAside(FilesystemName root, String member, String name, Optional<String> base)
      throws FakeFailure {
    FilesystemName place = root.child(member);
    FilesystemName aside = aside(root, member, name);
    FakeLive old = require(place);
    if (base.isEmpty()) {
      renameTree(place, aside);
      return;
    }
    FakeVersion version = old.snapshot(base.get(), place.value());
    requireAbsent(aside);
    FakeLive restored = create(aside);
    live.put(aside.value(), old);
    live.put(place.value(), restored);
    restored.versions.addAll(old.versions.stream().filter(v -> v.order <= version.order).toList());
    old.versions.removeAll(restored.versions);
    version.name = name;
    restored.records.putAll(old.records);
    reset(restored, version);
  }

  @Override
  void prepare(FilesystemName root) throws FakeFailure {
    String missing = parent(root);
    if (!missing.isEmpty() && !live.containsKey(missing)) {
      prepare(FilesystemName.of(missing));
      create(FilesystemName.of(missing));
    }
  }

  @Override
  void record(FilesystemName root, String pair, String text) throws FakeFailure {
    if (text.length() > LONGEST_RECORD) {
      throw new FakeFailure(FakeFailure.USAGE, "property value is too long");
    }
    require(root).records.put(pair, text);
  }

  @Override
  FakeVersion find(FilesystemName root, String path, String name, boolean bookmark)
      throws FakeFailure {
    FakeLive fs = require(root.child(path));
    return fs.version(name, bookmark)
        .orElseThrow(
            () ->
                new FakeFailure(
                    FakeFailure.NOT_FOUND, "'" + root.child(path) + "' has no '" + name + "'"));
  }

  @Override
  List<FakeVersion> between(FilesystemName root, String path, FakeVersion base, FakeVersion last) {
    return live.get(root.child(path).value()).versions.stream()
        .filter(v -> !v.bookmark && v.order > base.order && v.order < last.order)
        .toList();
  }

  @Override
  FakeStream.Part resume(FilesystemName root, FakeSpec spec, String token) throws FakeFailure {
    String[] words = token.split(":", 3);
    FakeVersion last = find(root, spec.path(), spec.snapshot(), false);
    if (!last.id.equals(words[2])) {
      throw new FakeFailure(
          FakeFailure.NOT_FOUND,
          "cannot resume send: '" + spec.snapshot() + "' is not what was sent");
    }
    Optional<FakeVersion> base =
        require(root.child(spec.path())).versions.stream()
            .filter(v -> v.id.equals(words[1]))
            .findFirst();
    if (base.isEmpty() && !words[1].isEmpty()) {
      throw new FakeFailure(FakeFailure.NOT_FOUND, "cannot resume send: the base is gone");
    }
    FakeStream.Part whole = part(spec.path(), base, last);
    return whole.withChanges(Integer.parseInt(words[0]), whole.changes());
  }

  @Override
  void receive(FilesystemName root, FakeStream.Part part) throws FakeFailure {
    FilesystemName name = root.child(part.path());
    FakeLive fs = part.base().isEmpty() ? receiveFull(name, part) : receiveOnto(name, part);
    FakeStream.Part whole = resumed(name, fs, part);
    fs.partial = Optional.empty();
    fs.visible = true;
    requireFree(fs, part.name());
    fs.content = whole.applyTo(fs.content);
    long order = next();
    fs.changed = whole.changes().isEmpty() && !fs.versions.isEmpty() ? fs.changed : order;
    fs.versions.add(
        new FakeVersion(
            part.name(), part.id(), order, part.at(), false, fs.content, Optional.empty()));
  }

  private FakeLive receiveFull(FilesystemName name, FakeStream.Part part) throws FakeFailure {
    if (part.isResumed()) {
      return require(name);
    }
    if (!parent(name).isEmpty()) {
      require(FilesystemName.of(parent(name)));
    }
    return create(name);
  }

  private FakeLive receiveOnto(FilesystemName name, FakeStream.Part part) throws FakeFailure {
    FakeLive fs = require(name);
    FakeVersion newest =
        fs.versions.stream()
            .filter(v -> !v.bookmark)
            .max(Comparator.comparingLong(v -> v.order))
            .orElseThrow(
                () ->
                    new FakeFailure(
                        FakeFailure.NOT_FOUND, "'" + name + "' has no snapshot to receive onto"));
    if (!newest.id.equals(part.base())) {
      throw new FakeFailure(
          FakeFailure.MODIFIED,
          "most recent snapshot of '" + name + "' does not match incremental source");
    }
    if (fs.changed > newest.order) {
      throw new FakeFailure(
          FakeFailure.MODIFIED,
          "destination '" + name + "' has been modified since most recent snapshot");
    }
    return fs;
  }

  private static FakeStream.Part resumed(FilesystemName name, FakeLive fs, FakeStream.Part part)
      throws FakeFailure {
    if (fs.partial.isEmpty() && !part.isResumed()) {
      return part;
    }
    FakeStream.Part begun = fs.partial.orElse(part);
    if (fs.partial.isEmpty()
        || !begun.id().equals(part.id())
        || begun.changes().size() != part.skipped()) {
      throw new FakeFailure(
          FakeFailure.BUSY, "destination '" + name + "' contains partially-complete state");
    }
    List<FakeStream.Change> changes = new ArrayList<>(begun.changes());
    changes.addAll(part.changes());
    return part.withChanges(FakeStream.Part.FRESH, changes);
  }

  @Override
  void receiveCut(FilesystemName root, FakeStream.Part part) throws FakeFailure {
    FilesystemName name = root.child(part.path());
    FakeLive fs = part.base().isEmpty() ? receiveFull(name, part) : receiveOnto(name, part);
    fs.visible = !part.base().isEmpty();
    fs.partial = Optional.of(resumed(name, fs, part));
  }

  @Override
  void special(List<String> words) throws FakeFailure {
    FilesystemName root = FilesystemName.of(words.get(2));
    List<String> rest = words.subList(3, words.size());
    switch (words.get(1)) {
      case "hold" -> hold(root, rest, true);
      case "release" -> hold(root, rest, false);
      case "bookmark" -> bookmark(root.child(FakeSpec.path(rest.get(0))), rest.get(1), rest.get(2));
      case "set" ->
          require(root.child(FakeSpec.path(rest.get(0)))).properties.put(rest.get(1), rest.get(2));
      case "rename-member" -> renameTree(root.child(rest.get(0)), root.child(rest.get(1)));
      case "destroy-member" -> destroyMember(root.child(rest.get(0)));
      default -> throw new FakeFailure(FakeFailure.USAGE, "unknown command " + words);
    }
  }

  private void hold(FilesystemName root, List<String> words, boolean put) throws FakeFailure {
    List<String> members = words.subList(3, words.size()).stream().map(FakeSpec::path).toList();
    for (FakeLive fs : having(root, words.get(0), words.get(2).equals("-r"), members)) {
      FakeVersion version = fs.snapshot(words.get(0), "");
      if (!(put ? version.holds.add(words.get(1)) : version.holds.remove(words.get(1)))) {
        throw new FakeFailure(
            put ? FakeFailure.EXISTS : FakeFailure.NOT_FOUND,
            "tag '"
                + words.get(1)
                + "' "
                + (put ? "already exists" : "does not exist")
                + " on '"
                + words.get(0)
                + "'");
      }
    }
  }

  private void bookmark(FilesystemName name, String snapshot, String label) throws FakeFailure {
    FakeLive fs = require(name);
    if (fs.version(label, true).isPresent()) {
      throw new FakeFailure(FakeFailure.EXISTS, "bookmark '" + label + "' already exists");
    }
    FakeVersion of = fs.snapshot(snapshot, name.value());
    fs.versions.add(fs.versions.indexOf(of), of.asBookmark(label));
  }

  private void destroyMember(FilesystemName name) throws FakeFailure {
    require(name);
    for (FilesystemName child : within(name)) {
      for (FakeVersion version : require(child).versions) {
        version.requireFree();
      }
    }
    destroyTree(name);
  }
}
