package io.replication4j.testing;

import io.replication4j.FilesystemName;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What both kinds of fake storage have: live filesystems, a counter of changes, and commands by
 * their words.
 */
abstract class FakeDisk {

  final TreeMap<String, FakeLive> live = new TreeMap<>();
  final Clock clock;
  final Supplier<String> ids;
  Optional<Long> available = Optional.empty();
  private long moment;

  FakeDisk(Clock clock, Supplier<String> ids) {
    this.clock = clock;
    this.ids = ids;
  }

  /** The rows that describe one root. */
  abstract List<FakeRow> list(FilesystemName root, boolean recursive);

  abstract void snapshot(FilesystemName root, String name, boolean recursive, List<String> members)
      throws FakeFailure;

  abstract void renameSnapshot(
      FilesystemName root, String from, String to, boolean recursive, List<String> members)
      throws FakeFailure;

  abstract void destroySnapshot(
      FilesystemName root, String name, boolean recursive, List<String> members) throws FakeFailure;

  abstract void abort(FilesystemName root, List<String> members) throws FakeFailure;

  abstract void rollBack(FilesystemName root, String member, String to) throws FakeFailure;

  abstract void keepAside(FilesystemName root, String member, String aside, Optional<String> base)
      throws FakeFailure;

  abstract void prepare(FilesystemName root) throws FakeFailure;

  abstract void record(FilesystemName root, String pair, String text) throws FakeFailure;

  /** The version that is kept at {@code path} under that name. */
  abstract FakeVersion find(FilesystemName root, String path, String name, boolean bookmark)
      throws FakeFailure;

  /** The snapshot of that name of the filesystem that is at {@code path} now. */
  FakeVersion ofMember(FilesystemName root, String path, String name) throws FakeFailure {
    return find(root, path, name, false);
  }

  /** The versions after {@code base} and before {@code last}, oldest first. */
  abstract List<FakeVersion> between(
      FilesystemName root, String path, FakeVersion base, FakeVersion last);

  /** The rest of a part that {@code token} says was received up to some change. */
  abstract FakeStream.Part resume(FilesystemName root, FakeSpec spec, String token)
      throws FakeFailure;

  /** Takes in one whole part. */
  abstract void receive(FilesystemName root, FakeStream.Part part) throws FakeFailure;

  /** Takes in what there is of a part that was cut. */
  abstract void receiveCut(FilesystemName root, FakeStream.Part part) throws FakeFailure;

  /** The filesystems, or members of a set, that were received in part. */
  abstract Set<String> partial();

  /** What only one of the kinds can do; {@code words} is the whole command. */
  abstract void special(List<String> words) throws FakeFailure;

  final long next() {
    return ++moment;
  }

  final FakeLive require(FilesystemName name) throws FakeFailure {
    FakeLive found = live.get(name.value());
    if (found == null) {
      throw new FakeFailure(FakeFailure.NOT_FOUND, "cannot open '" + name + "': does not exist");
    }
    return found;
  }

  final void requireAbsent(FilesystemName name) throws FakeFailure {
    if (live.containsKey(name.value())) {
      throw new FakeFailure(FakeFailure.EXISTS, "'" + name + "' already exists");
    }
  }

  /** The names at or below {@code root}, parents first. */
  final List<FilesystemName> within(FilesystemName root) {
    return live.keySet().stream()
        .map(FilesystemName::of)
        .filter(name -> name.isWithin(root))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  final FakeLive create(FilesystemName name) throws FakeFailure {
    requireAbsent(name);
    FakeLive created = new FakeLive(ids.get(), next());
    live.put(name.value(), created);
    return created;
  }

  final void renameTree(FilesystemName from, FilesystemName to) throws FakeFailure {
    require(from);
    requireAbsent(to);
    for (FilesystemName name : within(from)) {
      live.put(to.child(name.pathFrom(from)).value(), live.remove(name.value()));
    }
  }

  final void destroyTree(FilesystemName name) throws FakeFailure {
    require(name);
    within(name).forEach(child -> live.remove(child.value()));
  }

  /** Where a member that is kept aside goes: beside the root, so that it is no member any more. */
  static FilesystemName aside(FilesystemName root, String member, String name) {
    return FilesystemName.of(
        root + "-" + name + (member.isEmpty() ? "" : "-" + member.replace("/", "%2F")));
  }

  final FakeVersion take(String name, FakeLive of) {
    return new FakeVersion(
        name, ids.get(), next(), clock.instant(), false, of.content, Optional.of(of.uuid));
  }

  final List<FakeStream.Part> parts(FilesystemName root, FakeSpec spec, boolean intermediates)
      throws FakeFailure {
    FakeVersion last = ofMember(root, spec.path(), spec.snapshot());
    List<FakeStream.Part> parts = new ArrayList<>();
    Optional<FakeVersion> base = Optional.empty();
    if (spec.base().isPresent()) {
      base = Optional.of(find(root, spec.basePath(), spec.base().get(), spec.bookmark()));
    }
    List<FakeVersion> chain = new ArrayList<>();
    if (intermediates && base.isPresent()) {
      chain.addAll(between(root, spec.path(), base.get(), last));
    }
    chain.add(last);
    for (FakeVersion version : chain) {
      parts.add(part(spec.path(), base, version));
      base = Optional.of(version);
    }
    return parts;
  }

  final FakeStream.Part part(String path, Optional<FakeVersion> base, FakeVersion version) {
    Map<String, String> old = base.map(b -> b.content).orElse(Map.of());
    return new FakeStream.Part(
        path,
        version.name,
        version.id,
        base.map(b -> b.id).orElse(""),
        version.at,
        FakeStream.Part.FRESH,
        FakeStream.changes(old, version.content));
  }
}
