package io.replication4j.internal;

import io.replication4j.Bookmark;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Both sides of a pair as they were observed, or as they will be after some steps. */
public record PairView(Observation source, Observation target) {

  private static final Comparator<Version> NEWEST_FIRST =
      (a, b) -> Long.compareUnsigned(b.order(), a.order());

  /**
   * A source member with what the target has of it.
   *
   * @param target the target's member that shares a version with it, else the one in its place
   * @param common the newest version of the source, by the source's order, that the target holds
   *     too, and that the source's live data builds on; a snapshot rather than a bookmark of the
   *     same version
   */
  record Match(
      ObservedFilesystem source, Optional<ObservedFilesystem> target, Optional<Version> common) {

    boolean isMoved() {
      return common.isPresent() && !target.orElseThrow().path().equals(source.path());
    }
  }

  Observation side(Side side) {
    return side == Side.SOURCE ? source : target;
  }

  PairView with(Side side, Observation observation) {
    return side == Side.SOURCE
        ? new PairView(observation, target)
        : new PairView(source, observation);
  }

  /** Every live source member, parents first, each with its counterpart. */
  List<Match> matches() {
    return source.members().stream()
        .filter(member -> member.live().kind() != LiveState.Kind.ABSENT)
        .map(this::match)
        .toList();
  }

  /** A source member, live or not, with its counterpart. */
  Match match(ObservedFilesystem member) {
    List<Version> newestFirst = new ArrayList<>(member.versions());
    newestFirst.removeIf(version -> member.live().pending().contains(version.id()));
    newestFirst.sort(NEWEST_FIRST.thenComparing(version -> version instanceof Bookmark));
    newestFirst.addAll(madeFrom(member));
    for (Version version : newestFirst) {
      Optional<ObservedFilesystem> holder = holder(version.id(), member.path());
      if (holder.isPresent()) {
        return new Match(member, holder, Optional.of(version));
      }
    }
    return new Match(member, target.member(member.path()), Optional.empty());
  }

  /** A copy that has another name now was made from a version that stands under the old one. */
  private List<Version> madeFrom(ObservedFilesystem member) {
    return source.members().stream()
        .flatMap(other -> snapshots(other).stream())
        .filter(snapshot -> member.live().versions().contains(snapshot.id()))
        .map(Version.class::cast)
        .toList();
  }

  /**
   * The target's member that has a snapshot of that identity, the one at {@code path} if several
   * have.
   */
  private Optional<ObservedFilesystem> holder(VersionId id, String path) {
    List<ObservedFilesystem> holders =
        target.members().stream().filter(member -> snapshot(member, id).isPresent()).toList();
    return holders.stream()
        .filter(member -> member.path().equals(path))
        .findFirst()
        .or(() -> holders.stream().findFirst());
  }

  /** The newest version of the pair's filesystem itself that both sides hold. */
  Optional<Version> commonRoot() {
    return source.member("").flatMap(root -> match(root).common());
  }

  static Optional<Snapshot> snapshot(ObservedFilesystem member, VersionId id) {
    return snapshots(member).stream().filter(s -> s.id().equals(id)).findFirst();
  }

  static Optional<Snapshot> snapshot(ObservedFilesystem member, String name) {
    return snapshots(member).stream().filter(s -> s.name().equals(name)).findFirst();
  }

  static List<Snapshot> snapshots(ObservedFilesystem member) {
    return member.versions().stream()
        .filter(Snapshot.class::isInstance)
        .map(Snapshot.class::cast)
        .toList();
  }

  /** What a member has after that version of its own, by its order; bookmarks too. */
  static List<VersionId> after(ObservedFilesystem member, VersionId id) {
    return snapshot(member, id).stream()
        .flatMap(
            base ->
                member.versions().stream()
                    .filter(v -> Long.compareUnsigned(v.order(), base.order()) > 0))
        .map(Version::id)
        .distinct()
        .toList();
  }

  /** All versions of the member of that path and of what is below it; bookmarks too. */
  static List<VersionId> within(Observation side, String path) {
    return side.members().stream()
        .filter(member -> Effects.within(member.path(), path))
        .flatMap(member -> member.versions().stream())
        .map(Version::id)
        .distinct()
        .toList();
  }

  /** The members of one side that have a snapshot of that name. */
  static List<ObservedFilesystem> having(Observation side, String snapshotName) {
    return side.members().stream().filter(m -> snapshot(m, snapshotName).isPresent()).toList();
  }
}
