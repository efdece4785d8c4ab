package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.FakeBookmark;
import io.replication4j.zfs.testing.FakeDataset.FakeSnapshot;
import java.util.Map;
import java.util.Optional;

/** Values of properties as {@code zfs list} and {@code zfs get} print them with {@code -p}. */
final class FakeProperties {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "readonly",
          "off",
          "canmount",
          "on",
          "atime",
          "on",
          "compression",
          "off",
          "mountpoint",
          "default");

  private static final Value NONE = new Value("-", "-");
  private static final long WRITTEN = 4096;
  private static final long ROOM = 1L << 30;

  private final FakePools pools;
  private final boolean old;

  FakeProperties(FakePools pools, boolean old) {
    this.pools = pools;
    this.old = old;
  }

  /** A value and where it comes from. */
  record Value(String value, String source) {}

  private static Value fixed(Object value) {
    return new Value(value.toString(), "-");
  }

  Value of(String name, FakeDataset dataset, String property) {
    return switch (property) {
      case "name" -> fixed(name);
      case "type" -> fixed(dataset.volume ? "volume" : "filesystem");
      case "guid" -> fixed(Long.toUnsignedString(dataset.guid));
      case "createtxg" -> fixed(dataset.txg);
      case "creation" -> fixed(dataset.created);
      case "available" -> fixed(ROOM);
      case "written", "unique" -> fixed(pools.showsModified(dataset) ? WRITTEN : 0);
      case "mounted" -> dataset.volume ? NONE : fixed(isMounted(name) ? "yes" : "no");
      case "origin" -> fixed(dataset.origin.flatMap(pools::nameOf).orElse("-"));
      case "receive_resume_token" -> fixed(dataset.partial.map(FakeToken::encode).orElse("-"));
      default -> settable(name, property);
    };
  }

  Value of(String dataset, FakeSnapshot snapshot, String property) {
    return switch (property) {
      case "name" -> fixed(dataset + "@" + snapshot.name);
      case "type" -> fixed("snapshot");
      case "guid" -> fixed(Long.toUnsignedString(snapshot.guid));
      case "createtxg" -> fixed(snapshot.txg);
      case "creation" -> fixed(snapshot.created);
      case "written" -> fixed(pools.need(dataset).brings(snapshot) ? WRITTEN : 0);
      case "unique" -> fixed(0);
      case "userrefs" -> fixed(snapshot.holds.size());
      default -> property.contains(":") ? settable(dataset, property) : NONE;
    };
  }

  Value of(String dataset, FakeBookmark bookmark, String property) {
    return switch (property) {
      case "name" -> fixed(dataset + "#" + bookmark.name());
      case "type" -> fixed("bookmark");
      case "guid" -> fixed(Long.toUnsignedString(bookmark.guid()));
      case "createtxg" -> fixed(bookmark.txg());
      case "creation" -> fixed(bookmark.created());
      default -> NONE;
    };
  }

  private boolean isMounted(String name) {
    return settable(name, "canmount").value().equals("on")
        && !settable(name, "mountpoint").value().equals("none");
  }

  private Value settable(String name, String property) {
    FakeDataset dataset = pools.need(name);
    String local = dataset.local.get(property);
    if (local != null) {
      return new Value(local, "local");
    }
    String received = dataset.received.get(property);
    if (received != null) {
      return new Value(received, "received");
    }
    return property.equals("canmount")
        ? new Value("on", "default")
        : FakePools.parent(name)
            .map(parent -> inherited(parent, property))
            .orElseGet(() -> initial(property));
  }

  private Value inherited(String parent, String property) {
    Value value = settable(parent, property);
    boolean set = value.source().equals("local") || value.source().equals("received");
    return set ? new Value(value.value(), "inherited from " + parent) : value;
  }

  private static Value initial(String property) {
    return Optional.ofNullable(DEFAULTS.get(property))
        .map(value -> new Value(value, "default"))
        .orElse(NONE);
  }

  /** Refuses what this host's zfs does not know. */
  void requireKnown(String property) {
    boolean modernOnly = property.equals("written") || property.equals("receive_resume_token");
    if (old && modernOnly) {
      throw new FakeRefusal(2, "bad property list: invalid property '" + property + "'");
    }
  }
}
