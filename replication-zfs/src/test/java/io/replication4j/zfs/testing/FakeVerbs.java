package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.FakeBookmark;
import io.replication4j.zfs.testing.FakeDataset.FakeSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code zfs} does with datasets and snapshots: all of a command, or nothing and a refusal in
 * the real words.
 */
final class FakeVerbs {

  private final FakePools pools;
  private final boolean old;

  FakeVerbs(FakePools pools, boolean old) {
    this.pools = pools;
    this.old = old;
  }

  // ------------------------------------------------------------------ snapshots

  void snapshot(FakeWords words) {
    if (old && words.operands().size() > 1) {
      throw new FakeRefusal(2, "too many arguments\nusage:");
    }
    Map<String, FakeDataset> all = new LinkedHashMap<>();
    for (String name : words.operands()) {
      String dataset = FakePools.before(name, '@');
      pools.need(dataset);
      Map<String, FakeDataset> some =
          words.has('r') ? pools.tree(dataset) : Map.of(dataset, pools.need(dataset));
      some.forEach((each, value) -> all.put(each + "@" + FakePools.after(name, '@'), value));
    }
    if (all.values().stream().distinct().count() < all.size()) {
      throw new FakeRefusal(
          "cannot create snapshots : multiple snapshots of same fs not allowed\nno snapshots were created");
    }
    all.forEach(
        (name, dataset) -> {
          if (dataset.snapshot(FakePools.after(name, '@')).isPresent()) {
            throw new FakeRefusal(
                "cannot create snapshot '"
                    + name
                    + "': dataset already exists\nno snapshots were created");
          }
        });
    long txg = pools.nextTxg();
    all.forEach((name, dataset) -> pools.snapshot(dataset, FakePools.after(name, '@'), txg));
  }

  private void renameSnapshot(String from, String to, boolean recursive) {
    String oldName = FakePools.after(from, '@');
    String newName = FakePools.after(to, '@');
    pools.needSnapshot(from);
    Map<String, FakeDataset> tree = scope(FakePools.before(from, '@'), recursive);
    tree.forEach(
        (name, dataset) -> {
          if (dataset.snapshot(oldName).isPresent() && dataset.snapshot(newName).isPresent()) {
            throw new FakeRefusal(
                "cannot rename '"
                    + name
                    + "@"
                    + newName
                    + "': "
                    + (recursive
                        ? "a child dataset already has a snapshot with the new name"
                        : "dataset already exists"));
          }
        });
    tree.values()
        .forEach(
            dataset -> dataset.snapshot(oldName).ifPresent(snapshot -> snapshot.name = newName));
  }

  private Map<String, FakeDataset> scope(String dataset, boolean recursive) {
    FakeDataset root = pools.need(dataset);
    return recursive ? pools.tree(dataset) : Map.of(dataset, root);
  }

  private void destroySnapshots(String name, boolean recursive) {
    String label = FakePools.after(name, '@');
    Map<String, FakeDataset> tree =
        new LinkedHashMap<>(scope(FakePools.before(name, '@'), recursive));
    tree.values().removeIf(dataset -> dataset.snapshot(label).isEmpty());
    if (tree.isEmpty()) {
      throw new FakeRefusal(
          old
              ? "cannot destroy '" + name + "': dataset does not exist\nno snapshots destroyed"
              : "could not find any snapshots to destroy; check snapshot names.");
    }
    tree.forEach((dataset, value) -> requireFree(dataset, value.snapshot(label).orElseThrow()));
    tree.values()
        .forEach(dataset -> dataset.snapshots.removeIf(snapshot -> snapshot.name.equals(label)));
  }

  private void requireFree(String dataset, FakeSnapshot snapshot) {
    String name = dataset + "@" + snapshot.name;
    if (!snapshot.holds.isEmpty()) {
      throw new FakeRefusal(
          old
              ? "cannot destroy '" + name + "': dataset is busy"
              : "cannot destroy snapshot "
                  + name
                  + ": it's being held. Run 'zfs holds -r "
                  + name
                  + "' to see holders.");
    }
    List<String> clones = pools.clones(snapshot);
    if (!clones.isEmpty()) {
      throw new FakeRefusal(
          "cannot destroy '"
              + name
              + "': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\n"
              + String.join("\n", clones));
    }
  }

  void hold(FakeWords words) {
    List<FakeSnapshot> snapshots = held(words);
    if (snapshots.stream().anyMatch(snapshot -> snapshot.holds.contains(words.operand(0)))) {
      throw new FakeRefusal(
          "cannot hold snapshot '" + words.operand(1) + "': tag already exists on this dataset");
    }
    snapshots.forEach(snapshot -> snapshot.holds.add(words.operand(0)));
  }

  void release(FakeWords words) {
    List<FakeSnapshot> snapshots = held(words);
    if (snapshots.stream().noneMatch(snapshot -> snapshot.holds.contains(words.operand(0)))) {
      throw new FakeRefusal(
          "cannot release hold from snapshot '"
              + words.operand(1)
              + "': no such tag on this dataset");
    }
    snapshots.forEach(snapshot -> snapshot.holds.remove(words.operand(0)));
  }

  private List<FakeSnapshot> held(FakeWords words) {
    List<FakeSnapshot> snapshots = new ArrayList<>();
    for (String name : words.operands().subList(1, words.operands().size())) {
      pools.needSnapshot(name);
      scope(FakePools.before(name, '@'), words.has('r'))
          .values()
          .forEach(
              dataset -> dataset.snapshot(FakePools.after(name, '@')).ifPresent(snapshots::add));
    }
    return snapshots;
  }

  void bookmark(FakeWords words) {
    FakeSnapshot snapshot = pools.needSnapshot(words.operand(0));
    FakeDataset dataset = pools.need(FakePools.before(words.operand(1), '#'));
    String name = FakePools.after(words.operand(1), '#');
    if (dataset.bookmarks.stream().anyMatch(bookmark -> bookmark.name().equals(name))) {
      throw new FakeRefusal("cannot create bookmark '" + words.operand(1) + "': bookmark exists");
    }
    dataset.bookmarks.add(new FakeBookmark(name, snapshot.guid, snapshot.txg, snapshot.created));
  }

  void rollback(FakeWords words) {
    String name = words.operand(0);
    FakeSnapshot snapshot = pools.needSnapshot(name);
    FakeDataset dataset = pools.need(FakePools.before(name, '@'));
    List<FakeSnapshot> newer =
        dataset.snapshots.stream().filter(other -> other.txg > snapshot.txg).toList();
    if (!newer.isEmpty() && !words.has('r')) {
      throw new FakeRefusal(
          "cannot rollback to '"
              + name
              + "': more recent snapshots"
              + (old ? "" : " or bookmarks")
              + " exist\nuse '-r' to force deletion");
    }
    newer.forEach(each -> requireFree(FakePools.before(name, '@'), each));
    dataset.snapshots.removeAll(newer);
    dataset.bookmarks.removeIf(bookmark -> bookmark.txg() > snapshot.txg);
    dataset.goBackTo(snapshot);
  }

  // ------------------------------------------------------------------ datasets

  void create(FakeWords words) {
    String name = words.operand(0);
    if (pools.datasets.containsKey(name)) {
      if (words.has('p')) {
        return;
      }
      throw new FakeRefusal("cannot create '" + name + "': dataset already exists");
    }
    createParents(name, words.has('p'));
    settings(words).forEach(pools.create(name, false).local::put);
  }

  private void createParents(String name, boolean allowed) {
    Optional<String> parent = FakePools.parent(name);
    if (parent.isEmpty()) {
      throw new FakeRefusal("cannot create '" + name + "': missing dataset name");
    }
    if (!pools.datasets.containsKey(parent.get())) {
      if (!parent.get().contains("/")) {
        throw new FakeRefusal("cannot create '" + name + "': no such pool '" + parent.get() + "'");
      }
      if (!allowed) {
        throw new FakeRefusal("cannot create '" + name + "': parent does not exist");
      }
      createParents(parent.get(), true);
      pools.create(parent.get(), false);
    }
  }

  private static Map<String, String> settings(FakeWords words) {
    Map<String, String> settings = new LinkedHashMap<>();
    words
        .values('o')
        .forEach(text -> settings.put(FakePools.before(text, '='), FakePools.after(text, '=')));
    return settings;
  }

  void rename(FakeWords words) {
    String from = words.operand(0);
    String to = words.operand(1);
    if (from.indexOf('@') > 0) {
      renameSnapshot(from, to, words.has('r'));
      return;
    }
    pools.need(from);
    if (pools.datasets.containsKey(to)) {
      throw new FakeRefusal("cannot rename '" + from + "': dataset already exists");
    }
    if (FakePools.parent(to).filter(pools.datasets::containsKey).isEmpty()) {
      throw new FakeRefusal("cannot create '" + to + "': parent does not exist");
    }
    if (words.has('u') && pools.need(from).volume) {
      throw new FakeRefusal(
          "cannot open '" + from + "': operation not applicable to datasets of this type");
    }
    if (!words.has('u') && pools.need(from).mounted) {
      remount(from, to);
    }
    pools.move(from, to);
  }

  /**
   * The directories to mount at are made and removed where the parents are mounted and writable:
   * seen with OpenZFS 2.3.
   */
  private void remount(String from, String to) {
    for (String name : List.of(from, to)) {
      FakePools.parent(name)
          .filter(parent -> !old && pools.need(parent).mounted && pools.isWritable(parent))
          .ifPresent(parent -> pools.need(parent).contentTxg = pools.nextTxg());
    }
  }

  void destroy(FakeWords words) {
    String name = words.operand(0);
    if (name.indexOf('@') > 0) {
      destroySnapshots(name, words.has('r'));
      return;
    }
    pools.need(name);
    Map<String, FakeDataset> tree = pools.tree(name);
    boolean inhabited = tree.size() > 1 || !pools.need(name).snapshots.isEmpty();
    if (inhabited && !words.has('r')) {
      throw new FakeRefusal(
          "cannot destroy '"
              + name
              + "': filesystem has children\nuse '-r' to destroy the following datasets:");
    }
    tree.forEach(
        (each, dataset) -> dataset.snapshots.forEach(snapshot -> requireFree(each, snapshot)));
    tree.keySet().forEach(pools.datasets::remove);
  }

  void cloneOf(FakeWords words) {
    FakeSnapshot snapshot = pools.needSnapshot(words.operand(0));
    String name = words.operand(1);
    if (pools.datasets.containsKey(name)) {
      throw new FakeRefusal("cannot create '" + name + "': dataset already exists");
    }
    createParents(name, false);
    FakeDataset clone =
        pools.create(name, pools.need(FakePools.before(words.operand(0), '@')).volume);
    clone.files.putAll(snapshot.files);
    clone.origin = Optional.of(snapshot);
    clone.contentTxg = snapshot.contentTxg;
    settings(words).forEach(clone.local::put);
  }

  void promote(FakeWords words) {
    String name = words.operand(0);
    FakeDataset clone = pools.need(name);
    FakeSnapshot origin =
        clone.origin.orElseThrow(
            () -> new FakeRefusal("cannot promote '" + name + "': not a cloned filesystem"));
    FakeDataset parent = pools.need(FakePools.before(pools.nameOf(origin).orElseThrow(), '@'));
    List<FakeSnapshot> moved =
        parent.snapshots.stream().filter(each -> each.txg <= origin.txg).toList();
    parent.snapshots.removeAll(moved);
    clone.snapshots.addAll(0, moved);
    clone.origin = parent.origin;
    parent.origin = Optional.of(origin);
  }

  void set(FakeWords words) {
    List<String> settings =
        words.operands().stream().filter(word -> word.contains("=")).limit(old ? 1 : 99).toList();
    List<String> names = words.operands().subList(settings.size(), words.operands().size());
    for (String name : names) {
      FakeDataset dataset = pools.need(name);
      for (String setting : settings) {
        String property = FakePools.before(setting, '=');
        if (dataset.volume && property.equals("canmount")) {
          throw new FakeRefusal(
              "cannot set property for '"
                  + name
                  + "': 'canmount' does not apply to datasets of this type");
        }
        dataset.local.put(property, FakePools.after(setting, '='));
      }
    }
  }

  void inherit(FakeWords words) {
    List<String> names = words.operands().subList(1, words.operands().size());
    names.forEach(pools::need);
    for (String name : names) {
      pools.need(name).local.remove(words.operand(0));
      pools.need(name).received.remove(words.operand(0));
    }
  }

  /** {@code zfs receive -A}. */
  void abort(String name) {
    FakeDataset dataset = pools.need(name);
    if (dataset.partial.isEmpty()) {
      throw new FakeRefusal("'" + name + "' does not have any resumable receive state to abort");
    }
    dataset.partial = Optional.empty();
    if (dataset.inconsistent) {
      pools.datasets.remove(name);
    }
  }
}
