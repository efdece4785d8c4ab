package io.replication4j.btrfs;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** All subvolumes of one filesystem. */
final class Subvolumes {

  private final List<Subvolume> rows;
  private final Map<String, Subvolume> byPath = new HashMap<>();
  private final Map<String, Subvolume> byUuid = new HashMap<>();

  Subvolumes(List<Subvolume> rows) {
    this.rows = List.copyOf(rows);
    rows.forEach(row -> byPath.put(row.path(), row));
    rows.forEach(row -> byUuid.put(row.uuid(), row));
  }

  Subvolumes without(Set<Subvolume> gone) {
    return new Subvolumes(rows.stream().filter(row -> !gone.contains(row)).toList());
  }

  Optional<Subvolume> at(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  Optional<Subvolume> withUuid(Optional<String> uuid) {
    return uuid.map(byUuid::get);
  }

  /** What lies below the path, at any depth, shorter paths first, then by path. */
  List<Subvolume> below(String path) {
    String prefix = path.isEmpty() ? "" : path + "/";
    return rows.stream()
        .filter(row -> row.path().startsWith(prefix) && row.path().length() > prefix.length())
        .sorted(PARENTS_FIRST)
        .toList();
  }

  Stream<Subvolume> snapshotsOf(Subvolume origin) {
    return rows.stream().filter(row -> row.isSnapshotOf(origin));
  }

  static final Comparator<Subvolume> PARENTS_FIRST =
      Comparator.<Subvolume>comparingLong(row -> row.path().chars().filter(c -> c == '/').count())
          .thenComparing(Subvolume::path);
}
