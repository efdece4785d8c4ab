package io.replication4j.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A live filesystem of the fake storage. */
final class FakeLive {

  final String uuid;
  Map<String, String> content = new TreeMap<>();

  /** The moment of the last change, in the order of versions. */
  long changed;

  /** Whether it can be seen; a full stream that was cut leaves one that cannot. */
  boolean visible = true;

  /** The version that it is a copy of (separate copies only). */
  Optional<FakeVersion> copyOf = Optional.empty();

  /** When that copy was made. */
  long copied;

  /** Oldest first; on storage with separate copies they are kept elsewhere. */
  List<FakeVersion> versions = new ArrayList<>();

  Optional<FakeStream.Part> partial = Optional.empty();
  Map<String, String> records = new TreeMap<>();
  Map<String, String> properties = new TreeMap<>();

  FakeLive(String uuid, long changed) {
    this.uuid = uuid;
    this.changed = changed;
  }

  Optional<FakeVersion> version(String name, boolean bookmark) {
    return versions.stream().filter(v -> v.name.equals(name) && v.bookmark == bookmark).findFirst();
  }

  FakeVersion snapshot(String name, String of) throws FakeFailure {
    return version(name, false)
        .orElseThrow(
            () ->
                new FakeFailure(
                    FakeFailure.NOT_FOUND,
                    "cannot open '" + of + "@" + name + "': no such snapshot"));
  }
}
