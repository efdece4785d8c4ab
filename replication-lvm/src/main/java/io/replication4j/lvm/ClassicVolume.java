package io.replication4j.lvm;

import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.lvm.Tags.Growth;
import io.replication4j.lvm.Tags.Next;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A volume with room of its own. Its versions are snapshots that keep what is overwritten; an
 * increment is received as the store of one more snapshot, which the kernel merges into the volume.
 */
record ClassicVolume(Volume volume, LvmOptions options) implements VolumeKind {

  /** What a plan cannot know. */
  static final String UNKNOWN = "{…}";

  @Override
  public Command take(View view, Volume snapshot) {
    return LvmCommands.takeSnapshot(
        volume, snapshot, new Room(view, options).ofNext(), options.chunkBytes());
  }

  @Override
  public Changes changes(LogicalVolume sent, Optional<LogicalVolume> base) {
    return new StoreChanges(
        base,
        sent.length(),
        Stream.concat(Stream.of(sent), base.stream()).map(LogicalVolume::volume).toList(),
        options);
  }

  @Override
  public Command send(Volume sent, Optional<Volume> base) {
    List<String> devices = new ArrayList<>(List.of(sent.device()));
    base.map(Volume::storeDevice).ifPresent(devices::add);
    return LvmCommands.send(sent, devices);
  }

  @Override
  public Command receive(Volume incoming) {
    return LvmCommands.receive(volume, incoming);
  }

  @Override
  public Arrival arrival(Volume incoming, Optional<Kept> kept) {
    return (header, identity, out) ->
        identity.base().isEmpty()
            ? image(identity, kept, out)
            : store(header.geometry(), identity, kept, out);
  }

  @Override
  public boolean keeps(LogicalVolume received) {
    return received.pool().isEmpty();
  }

  private static Optional<VolumeWriter> image(
      StreamIdentity identity, Optional<Kept> kept, OutputStream out) throws IOException {
    long bytes = identity.originBytes();
    Optional<Kept> useful = Kept.useful(kept, identity, bytes, List.of());
    if (useful.isPresent()) {
      resume(identity, out);
      return Optional.of(useful.get().image(out, bytes));
    }
    Arrival.say(out, "image", bytes, 0, identity.target().orElseThrow().value());
    return Optional.of(new ImageWriter(out, bytes));
  }

  private Optional<VolumeWriter> store(
      CowGeometry geometry, StreamIdentity identity, Optional<Kept> kept, OutputStream out)
      throws IOException {
    long exceptions = requireCounted(identity);
    long length = geometry.streamBytes(exceptions);
    long store = (geometry.storeChunks(exceptions) + 1) * geometry.chunkBytes();
    String base = identity.base().orElseThrow().value();
    List<String> tags =
        List.of(
            Tags.of("base", base),
            Tags.of("chunk", Integer.toString(geometry.chunkBytes())),
            Tags.of("bytes", Long.toString(identity.originBytes())),
            Tags.of("exceptions", Long.toString(exceptions)));
    Optional<Kept> useful = Kept.useful(kept, identity, Math.max(length, store), tags);
    if (useful.isPresent()) {
      resume(identity, out);
      return Optional.of(useful.get().store(out, length));
    }
    Arrival.say(
        out,
        "store",
        Math.max(length, store),
        length,
        identity.target().orElseThrow().value(),
        base,
        geometry.chunkBytes(),
        identity.originBytes(),
        exceptions);
    return Optional.empty();
  }

  private static void resume(StreamIdentity identity, OutputStream out) throws IOException {
    Arrival.say(out, "kept", 0, 0, identity.target().orElseThrow().value());
    out.flush();
  }

  private long requireCounted(StreamIdentity identity) {
    return identity
        .exceptions()
        .orElseThrow(
            () ->
                new UnsupportedException(
                    "an increment for "
                        + volume
                        + " does not say how long it is, so that there is no room to make for"
                        + " it; apply it with dds --merge",
                    null));
  }

  @Override
  public List<Command> planned(View view, Send send) {
    MemberSend member = send.members().get(0);
    Next next =
        new Next(
            member.id().orElse(VersionId.of(UNKNOWN)), member.snapshot(), Optional.of(UNKNOWN));
    Volume incoming = volume.incoming(member.snapshot());
    List<Command> commands = new ArrayList<>(List.of(LvmCommands.list()));
    if (member.base().isEmpty()) {
      List<String> tags =
          List.of(Tags.of("digest", UNKNOWN), Tags.id(next.id()), Tags.of("in", volume.name()));
      commands.addAll(image(next, incoming, UNKNOWN, tags));
    } else {
      commands.add(LvmCommands.enlarge(volume.snapshot(member.base().get().name()), UNKNOWN));
      commands.addAll(merge(next, incoming, UNKNOWN, List.of()));
    }
    return commands;
  }

  @Override
  public List<Command> image(Next next, Volume incoming, String uuid, List<String> tags) {
    List<Command> commands = new ArrayList<>();
    commands.add(options.mark(incoming, next.received(), volume.snapshot(next.label()), next.id()));
    commands.addAll(Landing.ofImage(next, incoming, tags).commands(volume, options));
    return commands;
  }

  /**
   * The volume first becomes as large as the source's: what is behind the old end means nothing
   * until the merge, which writes all of it. The base's snapshot gets room for what the merge is
   * going to overwrite, so that the base is not lost before the rotation.
   */
  @Override
  public List<Command> increment(View view, Next next, LogicalVolume store, LogicalVolume base) {
    String chunkBytes = Tags.value(store.tags(), "chunk").orElseThrow();
    List<Command> commands = new ArrayList<>();
    Growth growth =
        new Growth(
            Long.parseLong(Tags.value(store.tags(), "bytes").orElseThrow()),
            base.id().orElseThrow());
    boolean grows = growth.bytes() > view.live().orElseThrow().bytes();
    if (grows) {
      commands.add(LvmCommands.changeTags(volume, List.of(growth.tag()), view.grown()));
      commands.add(LvmCommands.grow(volume, growth.bytes()));
    }
    long needed = roomFor(store, Long.parseLong(chunkBytes));
    if (needed > base.bytes()) { // nothing is in it yet
      commands.add(LvmCommands.enlarge(base.volume(), Long.toString(needed)));
    }
    List<String> spent = new ArrayList<>(Tags.having(view.tags(), "next"));
    spent.addAll(grows ? List.of(growth.tag()) : view.grown());
    commands.addAll(merge(next, store.volume(), chunkBytes, spent));
    return commands;
  }

  private List<Command> merge(Next next, Volume incoming, String chunkBytes, List<String> tags) {
    List<Command> commands = new ArrayList<>();
    commands.add(LvmCommands.adopt(incoming, volume, chunkBytes));
    commands.addAll(Landing.ofSnapshot(next, incoming, tags).commands(volume, options));
    return commands;
  }

  /** For as much as the store holds, in the chunks of the base's snapshot. */
  private long roomFor(LogicalVolume store, long storeChunkBytes) {
    CowGeometry geometry = new CowGeometry(options.chunkBytes());
    long perChunk = Math.max(1, storeChunkBytes / geometry.chunkBytes());
    long changed = store.bytes() / storeChunkBytes * perChunk;
    return geometry.storeChunks(changed) * geometry.chunkBytes();
  }

  /** The snapshot that stands for the version is merged back, and made anew. */
  @Override
  public List<Command> backTo(View view, LogicalVolume version, Optional<Volume> aside) {
    Next next = new Next(version.id().orElseThrow(), view.label(version), Optional.empty());
    List<Command> commands = new ArrayList<>();
    aside.ifPresent(kept -> commands.add(LvmCommands.keepAside(volume, kept)));
    commands.add(LvmCommands.sweep(version.volume()));
    commands.addAll(
        Landing.ofSnapshot(next, version.volume(), view.tags()).commands(volume, options));
    return commands;
  }

  /** LVM knows what it is a snapshot of. */
  @Override
  public List<Command> follow(LogicalVolume version, Volume renamed) {
    return List.of();
  }
}
