package io.replication4j.lvm;

import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.lvm.Tags.Growth;
import io.replication4j.lvm.Tags.Next;
import io.replication4j.lvm.cow.CowGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The commands that make what was received the volume's content. Pure. */
final class Receiving {

  /** What a plan cannot know. */
  private static final String UNKNOWN = "{…}";

  private final LvmOptions options;

  Receiving(LvmOptions options) {
    this.options = options;
  }

  /** As they will be, as far as a plan can know. */
  List<Command> planned(Volume volume, Send send) {
    MemberSend member = send.members().get(0);
    Next next =
        new Next(
            member.id().orElse(VersionId.of(UNKNOWN)), member.snapshot(), Optional.of(UNKNOWN));
    Volume incoming = volume.incoming(member.snapshot());
    List<Command> commands = new ArrayList<>(List.of(LvmCommands.list()));
    if (member.base().isEmpty()) {
      List<String> tags =
          List.of(Tags.of("digest", UNKNOWN), Tags.id(next.id()), Tags.of("in", volume.name()));
      commands.addAll(image(volume, next, incoming, tags));
    } else {
      commands.add(LvmCommands.enlarge(volume.snapshot(member.base().get().name()), UNKNOWN));
      commands.addAll(store(volume, next, incoming, UNKNOWN, List.of()));
    }
    return commands;
  }

  /** For a volume that was received whole: it takes its place with the snapshot that it has. */
  List<Command> image(Volume volume, Next next, Volume incoming, List<String> tags) {
    List<Command> commands = new ArrayList<>();
    commands.add(options.mark(incoming, volume.snapshot(next.label()), next.id()));
    commands.addAll(Landing.ofImage(next, incoming, tags).commands(volume, options));
    return commands;
  }

  /**
   * For an increment. The volume first becomes as large as the source's: what is behind the old end
   * means nothing until the merge, which writes all of it. The base's snapshot gets room for what
   * the merge is going to overwrite, so that the base is not lost before the rotation.
   */
  List<Command> store(View view, Next next, LogicalVolume store, LogicalVolume base) {
    String chunkBytes = Tags.value(store.tags(), "chunk").orElseThrow();
    List<Command> commands = new ArrayList<>();
    Growth growth =
        new Growth(
            Long.parseLong(Tags.value(store.tags(), "bytes").orElseThrow()),
            base.id().orElseThrow());
    boolean grows = growth.bytes() > view.live().orElseThrow().bytes();
    if (grows) {
      commands.add(LvmCommands.changeTags(view.volume(), List.of(growth.tag()), view.grown()));
      commands.add(LvmCommands.grow(view.volume(), growth.bytes()));
    }
    long needed = roomFor(store, Long.parseLong(chunkBytes));
    if (needed > base.bytes()) { // nothing is in it yet
      commands.add(LvmCommands.enlarge(base.volume(), Long.toString(needed)));
    }
    List<String> grown = grows ? List.of(growth.tag()) : view.grown();
    commands.addAll(store(view.volume(), next, store.volume(), chunkBytes, grown));
    return commands;
  }

  private List<Command> store(
      Volume volume, Next next, Volume incoming, String chunkBytes, List<String> tags) {
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
}
