package io.replication4j.zfs;

import io.replication4j.Snapshot;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides what travels in one stream. A whole tree goes as one {@code zfs send -R} if every member
 * of the source is to be sent and all can start from a snapshot of one name; everything else goes
 * dataset by dataset.
 */
final class ZfsStreams {

  private final Observation source;
  private final Observation target;
  private final boolean sendProperties;

  ZfsStreams(Observation source, Observation target, boolean sendProperties) {
    this.source = source;
    this.target = target;
    this.sendProperties = sendProperties;
  }

  List<Send> arrange(List<MemberSend> members, boolean intermediates) {
    if (members.size() > 1 && sendProperties && isWholeTree(members) && isUniform(members)) {
      return List.of(new Send(members, true, intermediates, Optional.empty()));
    }
    return members.stream()
        .map(member -> new Send(List.of(member), false, intermediates, Optional.empty()))
        .toList();
  }

  private boolean isWholeTree(List<MemberSend> members) {
    Set<String> sent = members.stream().map(MemberSend::path).collect(Collectors.toSet());
    Set<String> all =
        source.members().stream().map(ObservedFilesystem::path).collect(Collectors.toSet());
    return sent.equals(all) && members.get(0).path().isEmpty();
  }

  private boolean isUniform(List<MemberSend> members) {
    Set<String> bases = new HashSet<>();
    for (MemberSend member : members) {
      if (member.base().isPresent()) {
        bases.add(member.base().get().name());
      }
    }
    return bases.size() <= 1
        && members.stream().map(MemberSend::snapshot).distinct().count() == 1
        && members.stream().allMatch(this::fits)
        && (bases.isEmpty() || members.get(0).base().isPresent());
  }

  private boolean fits(MemberSend member) {
    return member.base().map(base -> fits(member, base)).orElseGet(() -> isFree(member));
  }

  private boolean isFree(MemberSend member) {
    return target.member(member.path()).isEmpty();
  }

  /**
   * The receiver renames snapshots of a replication stream to what they are called at the source:
   * same name only.
   */
  private boolean fits(MemberSend member, Base base) {
    return !base.bookmark()
        && base.path().equals(member.path())
        && target.member(member.path()).stream()
            .flatMap(there -> there.versions().stream())
            .anyMatch(
                v ->
                    v instanceof Snapshot
                        && v.id().equals(base.id())
                        && v.name().equals(base.name()));
  }
}
