package io.replication4j.zfs.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A filesystem or volume in memory; its text files stand for whatever it holds. */
final class FakeDataset {

  /** A snapshot; {@code contentTxg} is when what it holds came to be. */
  static final class FakeSnapshot {
    String name;
    final long guid;
    final long txg;
    final long created;
    final long contentTxg;
    final Map<String, String> files;
    final Set<String> holds = new TreeSet<>();

    FakeSnapshot(
        String name,
        long guid,
        long txg,
        long created,
        long contentTxg,
        Map<String, String> files) {
      this.name = name;
      this.guid = guid;
      this.txg = txg;
      this.created = created;
      this.contentTxg = contentTxg;
      this.files = Map.copyOf(files);
    }
  }

  /** A bookmark. */
  record FakeBookmark(String name, long guid, long txg, long created) {}

  /**
   * What {@code receive -s} kept.
   *
   * @param bytes of the member's part of the stream that arrived
   */
  record Partial(long toGuid, String toName, Optional<Long> fromGuid, byte[] bytes) {}

  final boolean volume;
  final long guid;
  final long txg;
  final long created;
  final Map<String, String> files = new TreeMap<>();
  final List<FakeSnapshot> snapshots = new ArrayList<>();
  final List<FakeBookmark> bookmarks = new ArrayList<>();
  final Map<String, String> local = new TreeMap<>();
  final Map<String, String> received = new TreeMap<>();
  long contentTxg;
  Optional<FakeSnapshot> origin = Optional.empty();
  Optional<Partial> partial = Optional.empty();
  boolean inconsistent;

  /** Where everybody expects it; what was received is not. */
  boolean mounted;

  FakeDataset(boolean volume, long guid, long txg, long created) {
    this.volume = volume;
    this.guid = guid;
    this.txg = txg;
    this.created = created;
    this.contentTxg = txg;
  }

  Optional<FakeSnapshot> snapshot(String name) {
    return snapshots.stream().filter(snapshot -> snapshot.name.equals(name)).findFirst();
  }

  Optional<FakeSnapshot> snapshot(long id) {
    return snapshots.stream().filter(snapshot -> snapshot.guid == id).findFirst();
  }

  Optional<FakeSnapshot> newest() {
    return snapshots.isEmpty()
        ? Optional.empty()
        : Optional.of(snapshots.get(snapshots.size() - 1));
  }

  boolean isModified() {
    return newest().or(() -> origin).map(snapshot -> contentTxg > snapshot.txg).orElse(true);
  }

  /** Whether the snapshot holds something that the one before does not. */
  boolean brings(FakeSnapshot snapshot) {
    int index = snapshots.indexOf(snapshot);
    return index == 0 || snapshot.contentTxg > snapshots.get(index - 1).txg;
  }

  void goBackTo(FakeSnapshot snapshot) {
    files.clear();
    files.putAll(snapshot.files);
    contentTxg = snapshot.contentTxg;
  }
}
