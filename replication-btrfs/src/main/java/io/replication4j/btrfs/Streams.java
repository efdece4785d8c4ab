package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.Version;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Arranges what one host sends in streams. */
final class Streams {

  private final BtrfsHost host;
  private final CommandRunner runner;

  Streams(BtrfsHost host, CommandRunner runner) {
    this.host = host;
    this.runner = runner;
  }

  /**
   * All that have no base in one; all whose base is a snapshot of the same subvolume in one; each
   * other in one of its own.
   */
  List<Send> arrange(Observation source, List<MemberSend> members) {
    List<MemberSend> full = new ArrayList<>();
    List<MemberSend> related = new ArrayList<>();
    List<Send> sends = new ArrayList<>();
    for (MemberSend member : members) {
      if (member.base().isEmpty()) {
        full.add(member);
      } else if (isRelated(source, member)) {
        related.add(member);
      } else {
        sends.add(send(List.of(member)));
      }
    }
    if (!related.isEmpty()) {
      sends.add(0, send(related));
    }
    if (!full.isEmpty()) {
      sends.add(send(full));
    }
    return sends;
  }

  /** One for each member, whatever its base. */
  static List<Send> oneForEach(List<MemberSend> members) {
    return members.stream().map(member -> send(List.of(member))).toList();
  }

  private static Send send(List<MemberSend> members) {
    return new Send(members, false, false, Optional.empty());
  }

  /**
   * Whether the base was taken here of the very subvolume that is sent now: known by the absence of
   * a mark of reception.
   */
  private boolean isRelated(Observation source, MemberSend member) {
    Optional<View> view = host.known(source.root());
    return view.isPresent()
        && source.member(member.path()).stream()
            .flatMap(m -> m.versions().stream())
            .filter(version -> version.id().equals(member.base().orElseThrow().id()))
            .anyMatch(version -> isOwn(view.get(), member.path(), version));
  }

  private static boolean isOwn(View view, String member, Version version) {
    Subvolume live = view.live().get(member);
    return live != null
        && view.entries().stream()
            .anyMatch(
                e ->
                    e.subvolume().uuid().equals(version.id().value())
                        && e.subvolume().isSnapshotOf(live));
  }

  /** The command that writes the stream, with these flags. */
  Command send(FilesystemName root, Send send, List<String> flags) throws InterruptedException {
    View view = host.lastSeen(root, runner);
    List<String> bases =
        send.members().stream()
            .flatMap(m -> m.base().stream())
            .map(base -> pathOf(view, base))
            .toList();
    List<String> snapshots =
        send.members().stream().map(m -> Steps.pathOf(view, m.snapshot(), m.path())).toList();
    boolean single = bases.size() == 1 && snapshots.size() == 1;
    return BtrfsCommands.send(
        flags, single ? bases : List.of(), single ? List.of() : bases, snapshots);
  }

  private static String pathOf(View view, Base base) {
    return view.layout().snapshot(base.name(), base.path());
  }
}
