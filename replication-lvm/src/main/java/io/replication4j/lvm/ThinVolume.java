package io.replication4j.lvm;

import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.lvm.Tags.Next;
import io.replication4j.lvm.Tags.Owner;
import io.replication4j.lvm.cow.CowGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A volume of a thin pool. Its versions are read-only volumes that share blocks with it; LVM does
 * not keep whose snapshots they are when the volume is replaced, so the tag {@code r4j.of} does. An
 * increment is written into a writable snapshot of the volume, of which a snapshot stands for the
 * version; then it replaces the volume. So nothing can be written unseen: whether the volume is
 * what a version is, its blocks tell at any time.
 */
record ThinVolume(Volume volume, String pool, LvmOptions options) implements VolumeKind {

  @Override
  public Command take(View view, Volume snapshot) {
    return ThinCommands.takeSnapshot(volume, snapshot, uuid(view));
  }

  private static String uuid(View view) {
    return view.live().map(LogicalVolume::uuid).orElse("");
  }

  @Override
  public Changes changes(LogicalVolume sent, Optional<LogicalVolume> base) {
    return new ThinChanges(sent, base, new CowGeometry(options.chunkBytes()));
  }

  @Override
  public Command send(Volume sent, Optional<Volume> base) {
    List<String> devices = new ArrayList<>(List.of(sent.device()));
    base.map(Volume::device).ifPresent(devices::add);
    return ThinCommands.send(sent, devices);
  }

  @Override
  public Command receive(Volume incoming) {
    return ThinCommands.receive(volume, incoming, pool);
  }

  /** Of an increment that was cut nothing is kept: its pieces lie scattered. */
  @Override
  public Arrival arrival(Volume incoming, Optional<Kept> kept) {
    return (header, identity, out) -> {
      String id = identity.target().orElseThrow().value();
      if (identity.base().isEmpty()) {
        Optional<Kept> useful = Kept.useful(kept, identity, identity.originBytes(), List.of());
        Arrival.say(out, useful.isPresent() ? "kept" : "image", identity.originBytes(), id);
        if (useful.isPresent()) {
          return Optional.of(useful.get().image(out, identity.originBytes()));
        }
        return Optional.of(new ImageWriter(out, identity.originBytes()));
      }
      Arrival.say(out, "patch", identity.originBytes(), id, identity.base().get().value());
      return Optional.of(new PatchWriter(out, incoming.device()));
    };
  }

  @Override
  public boolean keeps(LogicalVolume received) {
    return received.pool().filter(pool::equals).isPresent()
        && Tags.value(received.tags(), "base").isEmpty();
  }

  @Override
  public List<Command> planned(View view, Send send) {
    MemberSend member = send.members().get(0);
    VersionId id = member.id().orElse(VersionId.of(ClassicVolume.UNKNOWN));
    Next next = new Next(id, member.snapshot(), Optional.of(ClassicVolume.UNKNOWN));
    Volume incoming = volume.incoming(member.snapshot());
    List<Command> commands = new ArrayList<>(List.of(LvmCommands.list()));
    if (member.base().isEmpty()) {
      commands.addAll(
          image(next, incoming, ClassicVolume.UNKNOWN, received(next, ClassicVolume.UNKNOWN)));
    } else {
      commands.add(ThinCommands.compare(view.comparisons()));
      commands.add(mark(next, incoming, uuid(view)));
      commands.add(ThinCommands.replace(incoming));
      commands.add(LvmCommands.list());
    }
    return commands;
  }

  private List<String> received(Next next, String digest) {
    return List.of(Tags.of("digest", digest), Tags.id(next.id()), Tags.of("in", volume.name()));
  }

  /** A version that is what was received. */
  private Command mark(Next next, Volume incoming, String uuid) {
    List<String> tags = List.of(Tags.id(next.id()), new Owner(volume.name(), uuid).tag());
    Command snapshot = ThinCommands.snapshot(incoming, volume.snapshot(next.label()), false, tags);
    return LvmCommands.mark(incoming, next.received(), snapshot.argv().toArray(String[]::new));
  }

  @Override
  public List<Command> image(Next next, Volume incoming, String uuid, List<String> tags) {
    List<Command> commands = new ArrayList<>(List.of(mark(next, incoming, uuid)));
    commands.addAll(Landing.ofImage(next, incoming, tags).commands(volume, options));
    return commands;
  }

  @Override
  public List<Command> increment(View view, Next next, LogicalVolume received, LogicalVolume base) {
    return List.of(
        mark(next, received.volume(), uuid(view)), ThinCommands.replace(received.volume()));
  }

  /**
   * A writable snapshot of the version takes the volume's name. LVM could let it replace the volume
   * only if the version were a snapshot of the volume that is there now, not of one before.
   */
  @Override
  public List<Command> backTo(View view, LogicalVolume version, Optional<Volume> aside) {
    LogicalVolume live = view.live().orElseThrow();
    Next next = new Next(version.id().orElseThrow(), view.label(version), Optional.empty());
    Volume copy = volume.incoming(next.label());
    List<String> tags = new ArrayList<>(received(next, "back"));
    List<Command> commands = new ArrayList<>();
    List<String> kept = new ArrayList<>(tags);
    kept.addAll(Tags.having(view.tags(), "state"));
    commands.add(ThinCommands.snapshot(version.volume(), copy, true, kept));
    commands.add(
        aside
            .map(name -> LvmCommands.rename(volume, name))
            .orElseGet(() -> ThinCommands.remove(live)));
    commands.addAll(Landing.ofImage(next, copy, tags).commands(volume, options));
    return commands;
  }

  @Override
  public List<Command> follow(LogicalVolume version, Volume renamed) {
    Owner owner = version.owner().orElseThrow();
    return List.of(
        LvmCommands.changeTags(
            version.volume(),
            List.of(new Owner(renamed.name(), owner.uuid()).tag()),
            Tags.having(version.tags(), "of")));
  }
}
