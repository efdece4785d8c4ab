package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.FakeSnapshot;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** All datasets of one host, by name. Not thread-safe: {@link FakeZfs} locks. */
final class FakePools {

  /**
   * Unique among all hosts of this JVM, as the real ones are among all hosts. Some have the highest
   * bit set.
   */
  private static final AtomicLong GUIDS = new AtomicLong(0x7ffffffffffff000L);

  final NavigableMap<String, FakeDataset> datasets = new TreeMap<>();
  private final Clock clock;
  private long txg = 100;
  private long syncedTxg = txg;

  FakePools(Clock clock) {
    this.clock = clock;
  }

  static long newGuid() {
    return GUIDS.addAndGet(0x1021L);
  }

  long nextTxg() {
    return ++txg;
  }

  /** Writes show in {@code written} from now on: a transaction group is on disk. */
  void sync() {
    syncedTxg = txg;
  }

  /** Whether that is known of the dataset; {@code receive} knows better. */
  boolean showsModified(FakeDataset dataset) {
    return dataset.isModified() && dataset.contentTxg <= syncedTxg;
  }

  long now() {
    return clock.instant().getEpochSecond();
  }

  FakeDataset need(String name) {
    FakeDataset dataset = datasets.get(name);
    if (dataset == null) {
      throw FakeRefusal.noDataset(name);
    }
    return dataset;
  }

  FakeSnapshot needSnapshot(String name) {
    return need(before(name, '@'))
        .snapshot(after(name, '@'))
        .orElseThrow(() -> FakeRefusal.noDataset(name));
  }

  static String before(String name, char separator) {
    int index = name.indexOf(separator);
    return index < 0 ? name : name.substring(0, index);
  }

  static String after(String name, char separator) {
    return name.substring(name.indexOf(separator) + 1);
  }

  static Optional<String> parent(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(name.substring(0, slash));
  }

  /** The dataset and everything below it, parents first. */
  Map<String, FakeDataset> tree(String name) {
    Map<String, FakeDataset> tree =
        new TreeMap<>((a, b) -> a.replace('/', '\0').compareTo(b.replace('/', '\0')));
    datasets.forEach(
        (other, dataset) -> {
          if (other.equals(name) || other.startsWith(name + "/")) {
            tree.put(other, dataset);
          }
        });
    return tree;
  }

  FakeDataset create(String name, boolean volume) {
    FakeDataset dataset = new FakeDataset(volume, newGuid(), nextTxg(), now());
    datasets.put(name, dataset);
    return dataset;
  }

  FakeSnapshot snapshot(FakeDataset dataset, String name, long at) {
    FakeSnapshot snapshot =
        new FakeSnapshot(name, newGuid(), at, now(), dataset.contentTxg, dataset.files);
    dataset.snapshots.add(snapshot);
    return snapshot;
  }

  /** By its own {@code readonly}, else by the nearest parent's that was set. */
  boolean isWritable(String name) {
    Optional<String> set = Optional.ofNullable(need(name).local.get("readonly"));
    return set.map("off"::equals)
        .orElseGet(
            () -> parent(name).filter(datasets::containsKey).map(this::isWritable).orElse(true));
  }

  /** The datasets that were cloned from the snapshot. */
  List<String> clones(FakeSnapshot snapshot) {
    List<String> clones = new ArrayList<>();
    datasets.forEach(
        (name, dataset) -> {
          if (dataset.origin.filter(origin -> origin == snapshot).isPresent()) {
            clones.add(name);
          }
        });
    return clones;
  }

  Optional<String> nameOf(FakeSnapshot snapshot) {
    return datasets.entrySet().stream()
        .filter(entry -> entry.getValue().snapshots.contains(snapshot))
        .map(entry -> entry.getKey() + "@" + snapshot.name)
        .findFirst();
  }

  /** Moves the dataset with what is below it. */
  void move(String from, String to) {
    tree(from)
        .forEach(
            (name, dataset) -> {
              datasets.remove(name);
              datasets.put(to + name.substring(from.length()), dataset);
            });
  }
}
