package io.replication4j.testing;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A snapshot or bookmark of the fake storage; the label moves, the rest stays. */
final class FakeVersion {

  String name;
  final String id;
  final long order;
  final Instant at;
  final boolean bookmark;
  final Map<String, String> content;
  final Set<String> holds = new TreeSet<>();

  /** Of which live filesystem it was taken; empty if it was received. */
  final Optional<String> takenOf;

  FakeVersion(
      String name,
      String id,
      long order,
      Instant at,
      boolean bookmark,
      Map<String, String> content,
      Optional<String> takenOf) {
    this.name = name;
    this.id = id;
    this.order = order;
    this.at = at;
    this.bookmark = bookmark;
    this.content = new TreeMap<>(content);
    this.takenOf = takenOf;
  }

  FakeVersion asBookmark(String label) {
    return new FakeVersion(label, id, order, at, true, content, takenOf);
  }

  void requireFree() throws FakeFailure {
    if (!holds.isEmpty()) {
      throw new FakeFailure(
          FakeFailure.BUSY, "cannot destroy snapshot '" + name + "': held by " + holds);
    }
  }
}
