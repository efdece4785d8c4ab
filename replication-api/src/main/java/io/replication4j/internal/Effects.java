package io.replication4j.internal;

import io.replication4j.Bookmark;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What a step does to what would be observed. Pure; the planner looks ahead with it, and the
 * executor checks a plan against the storage of today with it.
 *
 * <p>A snapshot that is still to be created has an identity of its own kind, so that later steps
 * can speak of it; storage will give it another one.
 */
final class Effects {

  private static final String PENDING = "pending:";

  private final BackendFeatures features;

  Effects(BackendFeatures features) {
    this.features = features;
  }

  boolean separateCopies() {
    return features.separateCopies();
  }

  static boolean isPending(VersionId id) {
    return id.value().startsWith(PENDING);
  }

  PairView apply(SyncStep step, PairView view) {
    if (step instanceof SyncStep.Send send) {
      return view.with(Side.TARGET, received(send, view));
    }
    return view.with(step.side(), onOneSide(step, view.side(step.side())));
  }

  private Observation onOneSide(SyncStep step, Observation side) {
    if (step instanceof SyncStep.Prepare) {
      return new Observation(
          side.root(),
          side.members(),
          side.filesystemId(),
          side.states(),
          true,
          side.availableBytes());
    } else if (step instanceof SyncStep.CreateSnapshot create) {
      return each(side, create.members(), member -> created(side, member, create.name()));
    } else if (step instanceof SyncStep.RenameSnapshot rename) {
      return each(side, rename.members(), m -> renamed(m, rename.from(), rename.to()));
    } else if (step instanceof SyncStep.DestroySnapshot destroy) {
      return withoutEmpty(each(side, destroy.members(), m -> destroyed(m, destroy.name())));
    } else if (step instanceof SyncStep.AbortReceive abort) {
      return withoutEmpty(each(side, abort.members(), Effects::aborted));
    } else if (step instanceof SyncStep.RollBack back) {
      return each(side, List.of(back.member()), m -> rolledBack(m, back.id()));
    } else if (step instanceof SyncStep.KeepAside aside) {
      return keptAside(side, aside);
    } else if (step instanceof SyncStep.CheckUnmodified check) {
      return each(side, check.members(), m -> proven(m, check.name()));
    } else if (step instanceof SyncStep.InstallCopy install) {
      return installed(side, install);
    } else if (step instanceof SyncStep.RenameMember rename) {
      return movedTree(side, rename.from(), rename.to());
    } else if (step instanceof SyncStep.DestroyMember destroy) {
      return side.withMembers(
          side.members().stream().filter(m -> !within(m.path(), destroy.member())).toList());
    } else if (step instanceof SyncStep.CreateBookmark mark) {
      return each(side, List.of(mark.member()), m -> bookmarked(m, mark));
    }
    return side; // holds, properties and records do not show
  }

  private static Observation each(
      Observation side, List<String> paths, UnaryOperator<ObservedFilesystem> change) {
    return side.withMembers(
        side.members().stream()
            .map(member -> paths.contains(member.path()) ? change.apply(member) : member)
            .toList());
  }

  private static ObservedFilesystem created(
      Observation side, ObservedFilesystem member, String name) {
    VersionId id = VersionId.of(PENDING + name + ":" + member.path());
    Snapshot snapshot =
        new Snapshot(
            side.root().child(member.path()), name, id, nextOrder(member), Optional.empty());
    Set<VersionId> same = new HashSet<>(Set.of(id));
    if (member.live().kind() == LiveState.Kind.IDENTICAL) {
      same.addAll(member.live().versions());
    }
    return new ObservedFilesystem(
        member.path(),
        plus(member, snapshot),
        new LiveState(LiveState.Kind.IDENTICAL, same),
        member.partial());
  }

  private static long nextOrder(ObservedFilesystem member) {
    return member.versions().stream().mapToLong(Version::order).max().orElse(0) + 1;
  }

  private static ObservedFilesystem renamed(ObservedFilesystem member, String from, String to) {
    return changeVersions(
        member,
        member.versions().stream()
            .map(v -> v instanceof Snapshot s && s.name().equals(from) ? named(s, to) : v)
            .toList());
  }

  private static Snapshot named(Snapshot s, String name) {
    return new Snapshot(s.filesystem(), name, s.id(), s.order(), s.createdAt());
  }

  private static ObservedFilesystem destroyed(ObservedFilesystem member, String name) {
    return changeVersions(
        member,
        member.versions().stream()
            .filter(v -> !(v instanceof Snapshot && v.name().equals(name)))
            .toList());
  }

  private static ObservedFilesystem aborted(ObservedFilesystem member) {
    return new ObservedFilesystem(
        member.path(), member.versions(), member.live(), Optional.empty());
  }

  private static ObservedFilesystem rolledBack(ObservedFilesystem member, VersionId id) {
    long order =
        member.versions().stream()
            .filter(v -> v.id().equals(id))
            .mapToLong(Version::order)
            .findFirst()
            .orElse(Long.MAX_VALUE);
    List<Version> kept =
        member.versions().stream()
            .filter(v -> Long.compareUnsigned(v.order(), order) <= 0)
            .toList();
    return new ObservedFilesystem(member.path(), kept, LiveState.identicalTo(id), member.partial());
  }

  private Observation keptAside(Observation side, SyncStep.KeepAside aside) {
    if (separateCopies()) { // only the copy moves; what was received stays
      return withoutEmpty(
          each(
              side,
              Draft.paths(side.members()),
              m ->
                  aside
                      .base()
                      .map(base -> proven(changeLive(m, LiveState.absent()), base.name()))
                      .orElseGet(() -> changeLive(m, LiveState.absent()))));
    }
    if (aside.base().isEmpty()) {
      return side.withMembers(
          side.members().stream().filter(m -> !within(m.path(), aside.member())).toList());
    }
    SyncStep.Base base = aside.base().orElseThrow();
    return each(side, List.of(aside.member()), m -> putBack(m, base, aside.asideName()));
  }

  /**
   * Where members are filesystems of their own (ZFS), the changed one takes the old name with it.
   */
  private ObservedFilesystem putBack(
      ObservedFilesystem member, SyncStep.Base base, String asideName) {
    ObservedFilesystem back = rolledBack(member, base.id());
    return features.independentChildren() ? renamed(back, base.name(), asideName) : back;
  }

  private static ObservedFilesystem proven(ObservedFilesystem member, String name) {
    return PairView.snapshot(member, name)
        .map(s -> changeLive(member, LiveState.identicalTo(s.id())))
        .orElse(member);
  }

  private static Observation installed(Observation side, SyncStep.InstallCopy install) {
    List<ObservedFilesystem> members =
        side.members().stream()
            .map(
                m ->
                    install.members().contains(m.path())
                        ? proven(m, install.name())
                        : changeLive(m, LiveState.absent()))
            .toList();
    return withoutEmpty(side.withMembers(members));
  }

  private static ObservedFilesystem bookmarked(
      ObservedFilesystem member, SyncStep.CreateBookmark mark) {
    return PairView.snapshot(member, mark.snapshot())
        .map(
            s ->
                changeVersions(
                    member,
                    plus(
                        member,
                        new Bookmark(
                            s.filesystem(), mark.bookmark(), s.id(), s.order(), s.createdAt()))))
        .orElse(member);
  }

  private Observation received(SyncStep.Send send, PairView view) {
    Observation target = view.target();
    for (MemberSend member : send.members()) {
      target = received(member, target);
    }
    return target;
  }

  private Observation received(MemberSend sent, Observation target) {
    VersionId id =
        sent.id().orElseGet(() -> VersionId.of(PENDING + sent.snapshot() + ":" + sent.path()));
    ObservedFilesystem before =
        target
            .member(sent.path())
            .orElse(
                new ObservedFilesystem(
                    sent.path(), List.of(), LiveState.absent(), Optional.empty()));
    Snapshot snapshot =
        new Snapshot(
            target.root().child(sent.path()),
            sent.snapshot(),
            id,
            nextOrder(before),
            Optional.empty());
    ObservedFilesystem after =
        new ObservedFilesystem(
            sent.path(),
            features.keepsVersions() ? plus(before, snapshot) : List.of(snapshot),
            separateCopies() ? before.live() : LiveState.identicalTo(id),
            Optional.empty());
    return target.withMembers(
        Stream.concat(
                target.members().stream().filter(m -> !m.path().equals(sent.path())),
                Stream.of(after))
            .sorted(Comparator.comparing(ObservedFilesystem::path))
            .toList());
  }

  private static Observation movedTree(Observation side, String from, String to) {
    return side.withMembers(
        side.members().stream()
            .map(m -> within(m.path(), from) ? m.at(to + m.path().substring(from.length())) : m)
            .sorted(Comparator.comparing(ObservedFilesystem::path))
            .toList());
  }

  /** Members of which nothing is left. */
  private static Observation withoutEmpty(Observation side) {
    return side.withMembers(
        side.members().stream()
            .filter(
                m ->
                    !m.versions().isEmpty()
                        || m.partial().isPresent()
                        || m.live().kind() != LiveState.Kind.ABSENT)
            .toList());
  }

  static boolean within(String path, String ancestor) {
    return ancestor.isEmpty() || path.equals(ancestor) || path.startsWith(ancestor + "/");
  }

  private static List<Version> plus(ObservedFilesystem member, Version version) {
    List<Version> versions = new ArrayList<>(member.versions());
    versions.add(version);
    return versions;
  }

  private static ObservedFilesystem changeVersions(
      ObservedFilesystem member, List<Version> versions) {
    return new ObservedFilesystem(member.path(), versions, member.live(), member.partial());
  }

  private static ObservedFilesystem changeLive(ObservedFilesystem member, LiveState live) {
    return new ObservedFilesystem(member.path(), member.versions(), live, member.partial());
  }
}
