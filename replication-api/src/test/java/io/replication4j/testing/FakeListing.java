package io.replication4j.testing;

import io.replication4j.Bookmark;
import io.replication4j.FilesystemName;
import io.replication4j.Snapshot;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads what {@code fake list} prints; whatever it cannot read is an {@link
 * IllegalArgumentException}.
 */
final class FakeListing {

  private final List<ObservedFilesystem> members = new ArrayList<>();
  private final Map<String, String> records = new TreeMap<>();
  private final FakeRow root;

  private FakeListing(FakeRow root) {
    this.root = root;
  }

  static List<Observation> parse(String output, List<ObserveRequest> requests) {
    List<FakeListing> listings = new ArrayList<>();
    Optional<Long> available = Optional.empty();
    for (String line : output.lines().toList()) {
      FakeRow row = FakeRow.parse(line);
      if (row.kind().equals("root")) {
        listings.add(new FakeListing(row));
      } else if (row.kind().equals("available")) {
        available = Optional.of(Long.parseLong(row.field(1)));
      } else {
        listings.get(listings.size() - 1).add(row);
      }
    }
    List<String> roots = listings.stream().map(listing -> listing.root.field(1)).toList();
    if (!roots.equals(requests.stream().map(request -> request.root().value()).toList())) {
      throw new IllegalArgumentException("asked for " + requests + ", got " + roots);
    }
    Optional<Long> free = available;
    for (int i = 0; i < requests.size(); i++) {
      listings.get(i).records.keySet().retainAll(requests.get(i).pairs());
    }
    return listings.stream().map(listing -> listing.observation(free)).toList();
  }

  private void add(FakeRow row) {
    switch (row.kind()) {
      case "record" -> records.put(row.field(1), row.field(2));
      case "member" ->
          members.add(new ObservedFilesystem(row.field(1), List.of(), live(row), partial(row)));
      case "version" -> addVersion(version(row));
      default -> throw new IllegalArgumentException("row of unknown kind: " + row);
    }
  }

  private void addVersion(Version version) {
    ObservedFilesystem last = members.remove(members.size() - 1);
    List<Version> versions = new ArrayList<>(last.versions());
    versions.add(version);
    members.add(new ObservedFilesystem(last.path(), versions, last.live(), last.partial()));
  }

  private static LiveState live(FakeRow row) {
    Set<VersionId> ids =
        Arrays.stream(row.field(3).split(","))
            .filter(id -> !id.isEmpty())
            .map(VersionId::of)
            .collect(Collectors.toSet());
    return new LiveState(LiveState.Kind.valueOf(row.field(2)), ids);
  }

  private static Optional<PartialReceive> partial(FakeRow row) {
    if (!Boolean.parseBoolean(row.field(6))) {
      return Optional.empty();
    }
    return Optional.of(
        new PartialReceive(
            Optional.of(row.field(4)).filter(id -> !id.isEmpty()).map(VersionId::of),
            Optional.of(row.field(5)).filter(token -> !token.isEmpty())));
  }

  private static Version version(FakeRow row) {
    FilesystemName filesystem = FilesystemName.of(row.field(2));
    VersionId id = VersionId.of(row.field(4));
    long order = Long.parseLong(row.field(5));
    Optional<Instant> at = Optional.of(Instant.parse(row.field(6)));
    return Boolean.parseBoolean(row.field(1))
        ? new Bookmark(filesystem, row.field(3), id, order, at)
        : new Snapshot(filesystem, row.field(3), id, order, at);
  }

  private Observation observation(Optional<Long> available) {
    return new Observation(
        FilesystemName.of(root.field(1)),
        members,
        root.field(3),
        records,
        Boolean.parseBoolean(root.field(2)),
        available);
  }
}
