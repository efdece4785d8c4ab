package io.replication4j.internal;

import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncPolicy.OnRemovedChild;
import io.replication4j.SyncStep;
import io.replication4j.VersionId;
import io.replication4j.internal.PairView.Match;
import io.replication4j.spi.ObservedFilesystem;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Children that are filesystems of their own: the target's follow what became of the source's. */
final class Children {

  private static final String KEPT = "-kept-";

  private final PlanRequest request;
  private final Draft draft;

  Children(PlanRequest request, Draft draft) {
    this.request = request;
    this.draft = draft;
  }

  /** Renames what was renamed, and settles what was destroyed. */
  void follow() {
    if (request.features().independentChildren() && draft.view().commonRoot().isPresent()) {
      renameMoved();
      settleRemoved();
      yieldPlaces();
      renameMoved();
    }
  }

  /**
   * What stays of a removed child makes way for one that was moved to its place; it keeps its
   * snapshots.
   */
  private void yieldPlaces() {
    for (Match match : draft.view().matches()) {
      occupant(match).flatMap(this::keepAway).ifPresent(draft::add);
    }
  }

  /** Whether something that never was ours stands where a moved child is to be. */
  boolean isPlaceTaken(Match match) {
    return occupant(match).filter(there -> keepAway(there).isEmpty()).isPresent();
  }

  /** What stands where a moved child is to be, and is no counterpart of any child. */
  private Optional<ObservedFilesystem> occupant(Match match) {
    List<Match> matches = draft.view().matches();
    return Optional.of(match)
        .filter(m -> m.isMoved() && request.features().independentChildren())
        .flatMap(moved -> draft.view().target().member(moved.source().path()))
        .filter(there -> matches.stream().noneMatch(other -> isCounterpart(other, there)));
  }

  private static boolean isCounterpart(Match match, ObservedFilesystem target) {
    return match.target().filter(t -> t.path().equals(target.path())).isPresent()
        && match.common().isPresent();
  }

  /** Gives what was ours another name; empty if it never was. */
  private Optional<SyncStep.RenameMember> keepAway(ObservedFilesystem member) {
    String sent = request.names().sent();
    return PairView.snapshots(member).stream()
        .filter(s -> s.name().equals(sent) || s.name().startsWith(sent + KEPT))
        .findFirst()
        .map(
            last ->
                new SyncStep.RenameMember(
                    member.path(),
                    member.path() + KEPT + Long.toUnsignedString(last.order()),
                    last.id()));
  }

  /**
   * As far as the new places are free and their parents exist; what remains waits for the parents.
   */
  void renameMoved() {
    Set<String> movedAway = new HashSet<>(); // each makes room at most once, so this ends
    while (moveOne() || makeRoom(movedAway)) {}
  }

  private boolean moveOne() {
    Optional<Match> next = draft.view().matches().stream().filter(this::canMove).findFirst();
    next.ifPresent(match -> draft.add(move(match, match.source().path())));
    return next.isPresent();
  }

  private static SyncStep.RenameMember move(Match match, String to) {
    return new SyncStep.RenameMember(
        match.target().orElseThrow().path(), to, match.common().orElseThrow().id());
  }

  private boolean canMove(Match match) {
    String path = match.source().path();
    return match.isMoved()
        && !path.isEmpty()
        && !Effects.within(path, match.target().orElseThrow().path())
        && draft.view().target().member(path).isEmpty()
        && draft.view().target().member(parent(path)).isPresent();
  }

  private static String parent(String path) {
    return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
  }

  /** Moves a member away that stands where another one, or its own new parent, is to be. */
  private boolean makeRoom(Set<String> movedAway) {
    List<Match> moved = draft.view().matches().stream().filter(Match::isMoved).toList();
    Optional<SyncStep.RenameMember> away =
        moved.stream()
            .map(match -> move(match, match.target().orElseThrow().path() + "-moving"))
            .filter(
                step ->
                    moved.stream().anyMatch(m -> Effects.within(m.source().path(), step.from())))
            .filter(step -> movedAway.add(step.from()))
            .findFirst();
    away.ifPresent(draft::add);
    return away.isPresent();
  }

  /** What the source has no more: kept or destroyed, as the policy says. */
  void settleRemoved() {
    if (!request.features().independentChildren()) {
      return;
    }
    Set<String> kept =
        draft.view().matches().stream()
            .flatMap(match -> match.target().stream())
            .map(ObservedFilesystem::path)
            .collect(Collectors.toSet());
    List<ObservedFilesystem> removed =
        draft.view().target().members().stream().filter(m -> !kept.contains(m.path())).toList();
    for (int i = removed.size() - 1; i >= 0; i--) { // children before parents
      settleRemoved(removed.get(i), kept);
    }
  }

  private void settleRemoved(ObservedFilesystem removed, Set<String> staying) {
    Optional<Snapshot> last = PairView.snapshot(removed, request.names().sent());
    if (last.isEmpty()) {
      return; // not ours, or kept before
    }
    if (request.policy().onRemovedChild() == OnRemovedChild.DESTROY) {
      if (staying.stream().anyMatch(path -> Effects.within(path, removed.path()))) {
        return; // until what is to stay has been moved out
      }
      List<VersionId> doomed = PairView.within(draft.view().target(), removed.path());
      draft.add(new SyncStep.DestroyMember(removed.path(), doomed));
    } else {
      String kept = request.names().sent() + KEPT + Long.toUnsignedString(last.get().order());
      draft.add(
          new SyncStep.RenameSnapshot(
              Side.TARGET, request.names().sent(), kept, List.of(removed.path()), false));
    }
  }
}
