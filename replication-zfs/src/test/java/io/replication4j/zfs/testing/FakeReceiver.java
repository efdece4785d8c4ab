package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.FakeSnapshot;
import io.replication4j.zfs.testing.FakeDataset.Partial;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * {@code zfs receive}: takes what arrived, keeps what is whole, refuses what the real one refuses.
 */
final class FakeReceiver {

  private final FakePools pools;
  private final boolean old;
  private final FakeWords words;
  private final String root;

  FakeReceiver(FakePools pools, boolean old, FakeWords words) {
    this.pools = pools;
    this.old = old;
    this.words = words;
    this.root = words.operand(0);
  }

  void receive(byte[] stream) {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(stream));
    try {
      if (!in.readUTF().equals(FakeMember.MAGIC)) {
        throw new FakeRefusal("cannot receive: invalid stream (bad magic number)");
      }
      for (int n = in.readInt(); n > 0; n--) {
        FakeMember.Read read = FakeMember.read(in);
        receive(read.member(), read.complete());
      }
    } catch (IOException e) {
      throw new FakeRefusal(
          stream.length == 0
              ? "cannot receive: failed to read from stream"
              : "cannot receive: invalid backup stream");
    }
  }

  private void receive(FakeMember member, boolean complete) {
    String name = root + member.path();
    byte[] content = member.content();
    if (member.skipped().isPresent()) {
      content = joined(name, member, member.skipped().get());
    } else {
      requireFits(name, member);
    }
    if (complete) {
      apply(name, member, content);
    } else {
      keep(name, member, content);
    }
  }

  private byte[] joined(String name, FakeMember member, int skipped) {
    Partial partial =
        pools
            .need(name)
            .partial
            .filter(p -> p.toGuid() == member.toGuid() && p.bytes().length == skipped)
            .orElseThrow(
                () ->
                    new FakeRefusal(
                        "cannot receive resume stream: kernel modules must be upgraded to receive this stream."));
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(partial.bytes());
    whole.writeBytes(member.content());
    return whole.toByteArray();
  }

  private void requireFits(String name, FakeMember member) {
    FakeDataset dataset = pools.datasets.get(name);
    if (dataset != null && dataset.partial.isPresent() && member.from().isPresent()) {
      throw new FakeRefusal(
          "cannot receive incremental stream: destination "
              + name
              + " contains partially-complete state from \"zfs receive -s\".");
    }
    if (member.from().isPresent()) {
      requireBase(name, dataset, member.from().get());
    } else if (dataset != null) {
      throw new FakeRefusal(
          "cannot receive new filesystem stream: destination '"
              + name
              + "' exists\nmust specify -F to overwrite it");
    } else if (FakePools.parent(name).filter(pools.datasets::containsKey).isEmpty()) {
      throw new FakeRefusal(
          "cannot open '"
              + name
              + "': dataset does not exist\ncannot receive new filesystem stream: dataset does not exist");
    }
  }

  private static void requireBase(String name, FakeDataset dataset, long from) {
    if (dataset == null) {
      throw new FakeRefusal(
          "cannot receive incremental stream: destination '" + name + "' does not exist");
    }
    if (dataset.newest().filter(snapshot -> snapshot.guid == from).isEmpty()) {
      throw new FakeRefusal(
          "cannot receive incremental stream: most recent snapshot of "
              + name
              + " does not\nmatch incremental source");
    }
    if (dataset.isModified()) {
      throw new FakeRefusal(
          "cannot receive incremental stream: destination "
              + name
              + " has been modified\nsince most recent snapshot");
    }
  }

  private void apply(String name, FakeMember member, byte[] bytes) {
    FakeMember.Content content = FakeMember.content(bytes);
    FakeDataset dataset = pools.datasets.get(name);
    if (dataset == null) {
      dataset = pools.create(name, member.volume());
    }
    boolean changed = dataset.snapshots.isEmpty() || !dataset.files.equals(content.files());
    long txg = pools.nextTxg();
    dataset.files.clear();
    dataset.files.putAll(content.files());
    dataset.contentTxg = changed ? txg : dataset.contentTxg;
    dataset.inconsistent = false;
    dataset.partial = Optional.empty();
    dataset.snapshots.add(
        new FakeSnapshot(
            member.snapshotName(),
            member.toGuid(),
            txg,
            content.created(),
            dataset.contentTxg,
            content.files()));
    takeProperties(dataset, member);
  }

  private void takeProperties(FakeDataset dataset, FakeMember member) {
    dataset.received.putAll(member.properties());
    for (String property : words.values('x')) {
      dataset.received.remove(property);
    }
    for (String setting : words.values('o')) {
      String property = FakePools.before(setting, '=');
      dataset.received.remove(property);
      if (member.path().isEmpty()) {
        dataset.local.put(property, FakePools.after(setting, '='));
      }
    }
    if (dataset.volume) {
      Map.of("canmount", "", "mountpoint", "").keySet().forEach(dataset.received::remove);
    }
  }

  /** Of a stream that broke off: with {@code -s} what arrived and a token, else nothing. */
  private void keep(String name, FakeMember member, byte[] content) {
    String what = member.from().isPresent() ? "incremental" : "new filesystem";
    if (old || !words.has('s')) {
      throw new FakeRefusal(
          "cannot receive "
              + what
              + " stream: "
              + (old ? "invalid backup stream" : "incomplete stream"));
    }
    if (!pools.datasets.containsKey(name)) {
      pools.create(name, member.volume()).inconsistent = true;
    }
    Partial partial =
        new Partial(
            member.toGuid(),
            member.toName(),
            member.from(),
            Arrays.copyOf(content, content.length));
    pools.need(name).partial = Optional.of(partial);
    throw new FakeRefusal(
        "cannot receive "
            + what
            + " stream: checksum mismatch or incomplete stream.\nPartially received snapshot is saved.\n"
            + "A resuming stream can be generated on the sending system by running:\n    zfs send -t "
            + FakeToken.encode(partial));
  }
}
