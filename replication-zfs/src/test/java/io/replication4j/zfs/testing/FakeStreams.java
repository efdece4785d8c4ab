package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.FakeBookmark;
import io.replication4j.zfs.testing.FakeDataset.FakeSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code zfs send}. */
final class FakeStreams {

  private final FakePools pools;
  private final boolean old;

  FakeStreams(FakePools pools, boolean old) {
    this.pools = pools;
    this.old = old;
  }

  byte[] send(FakeWords words) {
    return words.value('t').map(this::resumed).orElseGet(() -> write(members(words)));
  }

  /** What {@code send -nP} prints. */
  String estimate(FakeWords words) {
    return "full\t" + words.operands() + "\nsize\t" + send(words).length + "\n";
  }

  static byte[] write(List<FakeMember> members) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeUTF(FakeMember.MAGIC);
      out.writeInt(members.size());
      for (FakeMember member : members) {
        member.write(out);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<FakeMember> members(FakeWords words) {
    String name = words.operand(0);
    String root = FakePools.before(name, '@');
    String label = FakePools.after(name, '@');
    if (pools
        .datasets
        .getOrDefault(root, new FakeDataset(false, 0, 0, 0))
        .snapshot(label)
        .isEmpty()) {
      throw old
          ? new FakeRefusal("WARNING: could not send " + name + ": does not exist")
          : FakeRefusal.noDataset(name);
    }
    if (!words.has('R')) {
      return members(root, root, label, words);
    }
    List<FakeMember> members = new ArrayList<>();
    for (Map.Entry<String, FakeDataset> entry : pools.tree(root).entrySet()) {
      if (entry.getValue().snapshot(label).isPresent()) {
        members.addAll(members(root, entry.getKey(), label, words));
      } else if (!old) {
        throw new FakeRefusal(
            "cannot send "
                + root
                + "@"
                + label
                + " recursively: snapshot "
                + entry.getKey()
                + "@"
                + label
                + " does not exist");
      }
    }
    return members;
  }

  /** One for each snapshot that travels, each based on the one before. */
  private List<FakeMember> members(String root, String name, String label, FakeWords words) {
    FakeDataset dataset = pools.need(name);
    FakeSnapshot to = dataset.snapshot(label).orElseThrow();
    boolean tree = words.has('R');
    Optional<Long> from = base(root, name, to, words);
    long after = from.map(guid -> order(dataset, guid)).orElse(-1L);
    boolean between = words.has('I') || (tree && from.isEmpty());
    Map<String, String> properties = new TreeMap<>();
    if (tree || words.has('p')) {
      properties.putAll(dataset.received);
      properties.putAll(dataset.local);
    }
    List<FakeMember> members = new ArrayList<>();
    for (FakeSnapshot snapshot : dataset.snapshots) {
      if (snapshot == to || (between && snapshot.txg > after && snapshot.txg < to.txg)) {
        members.add(
            FakeMember.of(
                name.substring(root.length()),
                dataset.volume,
                tree,
                from,
                name,
                snapshot,
                properties));
        from = Optional.of(snapshot.guid);
      }
    }
    return members;
  }

  private long order(FakeDataset dataset, long guid) {
    return dataset
        .snapshot(guid)
        .map(s -> s.txg)
        .or(
            () ->
                dataset.bookmarks.stream()
                    .filter(b -> b.guid() == guid)
                    .map(FakeBookmark::txg)
                    .findFirst())
        .orElse(-1L);
  }

  private Optional<Long> base(String root, String name, FakeSnapshot to, FakeWords words) {
    Optional<String> text = words.value('i').or(() -> words.value('I'));
    if (text.isEmpty()) {
      return Optional.empty();
    }
    String base = text.get();
    if (base.startsWith("#") && words.has('I')) {
      throw new FakeRefusal("cannot send '" + name + "': incremental source must be a snapshot");
    }
    char separator = base.indexOf('#') >= 0 ? '#' : '@';
    FakeDataset dataset = pools.need(name);
    String label = FakePools.after(base, separator);
    Optional<Long> guid =
        separator == '@'
            ? dataset.snapshot(label).map(s -> s.guid)
            : dataset.bookmarks.stream()
                .filter(b -> b.name().equals(label))
                .map(FakeBookmark::guid)
                .findFirst();
    boolean usable = guid.isPresent() && order(dataset, guid.get()) < to.txg;
    if (!usable && (name.equals(root) || guid.isPresent())) {
      throw new FakeRefusal(
          "warning: cannot send '"
              + name
              + "@"
              + to.name
              + "': incremental source ("
              + base
              + ") does not exist");
    }
    return guid;
  }

  /** The rest of the stream that the token is about. */
  private byte[] resumed(String token) {
    Map<String, Long> values = FakeToken.decode(token);
    long to = values.getOrDefault("toguid", 0L);
    for (Map.Entry<String, FakeDataset> entry : pools.datasets.entrySet()) {
      Optional<FakeSnapshot> snapshot = entry.getValue().snapshot(to);
      if (snapshot.isPresent()) {
        Optional<Long> from = Optional.ofNullable(values.get("fromguid"));
        FakeMember whole =
            FakeMember.of(
                "", entry.getValue().volume, false, from, entry.getKey(), snapshot.get(), Map.of());
        return write(List.of(whole.after(values.getOrDefault("bytes", 0L).intValue())));
      }
    }
    throw new FakeRefusal(
        "cannot resume send: 'the snapshot' used in the initial send no longer exists");
  }
}
