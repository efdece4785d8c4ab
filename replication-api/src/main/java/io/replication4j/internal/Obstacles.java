package io.replication4j.internal;

import io.replication4j.Conflict;
import io.replication4j.OnDivergence;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.Version;
import io.replication4j.internal.PairView.Match;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.ObservedFilesystem;
import java.util.List;
import java.util.Optional;

/** What stands in the way at the target: refused, or moved out of it where the policy says so. */
final class Obstacles {

  private final PlanRequest request;
  private final Records records;
  private final Draft draft;

  Obstacles(PlanRequest request, Draft draft) {
    this.request = request;
    this.records = new Records(request);
    this.draft = draft;
  }

  /** The first that the policy does not settle. */
  Optional<Conflict> settle() {
    return records
        .conflict(draft.view().commonRoot().isPresent())
        .or(this::foreignTarget)
        .or(this::settleDivergence);
  }

  /** Something at the target's place, or at a child's, that shares no version with the source. */
  private Optional<Conflict> foreignTarget() {
    if (draft.view().commonRoot().isEmpty()) {
      if (comparable("").isPresent()) {
        return Optional.empty();
      }
      Optional<Conflict> broken = records.brokenChain();
      if (broken.isPresent()) {
        return broken;
      }
    }
    for (Match match : draft.view().matches()) {
      String path = match.source().path();
      Optional<ObservedFilesystem> target = draft.view().target().member(path);
      boolean inTheWay =
          match.common().isEmpty() && target.filter(t -> isInTheWay(path, t)).isPresent();
      if (inTheWay || new Children(request, draft).isPlaceTaken(match)) {
        Optional<Conflict> conflict = settleForeign(path, target.orElseThrow());
        if (conflict.isPresent()) {
          return conflict;
        }
      }
    }
    return Optional.empty();
  }

  /** The target's newest version, if what differs from it is to be sent. */
  Optional<Snapshot> comparable(String path) {
    boolean broken = draft.view().commonRoot().isEmpty() && records.mayCompare();
    return draft
        .view()
        .target()
        .member(path)
        .filter(target -> broken && target.live().kind() != LiveState.Kind.ABSENT)
        .flatMap(Obstacles::newest);
  }

  private static Optional<Snapshot> newest(ObservedFilesystem target) {
    return PairView.snapshots(target).stream()
        .max((a, b) -> Long.compareUnsigned(a.order(), b.order()));
  }

  /**
   * Where children travel as a set, the copy of a child that was made anew is replaced with the
   * set.
   */
  private boolean isInTheWay(String path, ObservedFilesystem target) {
    boolean ours = !path.isEmpty() && !request.features().independentChildren();
    return !ours && !movesAway(path) && holdsSomething(target);
  }

  /** Whether what stands there is the counterpart of a child that the source has elsewhere now. */
  private boolean movesAway(String path) {
    return draft.view().matches().stream()
        .anyMatch(m -> m.isMoved() && m.target().orElseThrow().path().equals(path));
  }

  private static boolean holdsSomething(ObservedFilesystem target) {
    return target.live().kind() != LiveState.Kind.ABSENT || !target.versions().isEmpty();
  }

  private Optional<Conflict> settleForeign(String path, ObservedFilesystem target) {
    if (!movesAside()) {
      return Optional.of(
          new Conflict.NoCommonBase(
              request.source(), request.target(), path, target.versions(), request.immovable()));
    }
    if (!request.features().separateCopies()) {
      List<ObservedFilesystem> all = draft.view().target().members();
      abort(Draft.paths(all).stream().filter(p -> Effects.within(p, path)).toList());
    }
    draft.add(new SyncStep.KeepAside(path, request.asideName(), Optional.empty()));
    dropReceived(path);
    return Optional.empty();
  }

  private boolean movesAside() {
    return request.policy().onDivergence() == OnDivergence.KEEP_ASIDE
        && request.immovable().isEmpty();
  }

  /**
   * Where copies are separate, the snapshots they came from stand in our own directory and are of
   * no use.
   */
  private void dropReceived(String path) {
    if (path.isEmpty() && request.features().separateCopies()) {
      draft.destroy(Side.TARGET, request.names().tosend());
      draft.destroy(Side.TARGET, request.names().sent());
    }
  }

  /**
   * What the target has of its own after the base: refused, discarded or kept, as the policy says.
   */
  private Optional<Conflict> settleDivergence() {
    return request.features().separateCopies() ? settleCopies() : settleMembers();
  }

  private Optional<Conflict> settleCopies() {
    Optional<Version> common = draft.view().commonRoot();
    if (common.isEmpty()) {
      return Optional.empty();
    }
    ObservedFilesystem root = draft.view().target().member("").orElseThrow();
    Snapshot base = PairView.snapshot(root, common.get().id()).orElseThrow();
    List<Version> after =
        after(root, base).stream()
            .filter(version -> !version.name().startsWith(PlanRequest.ASIDE)) // settled before
            .toList();
    Optional<ObservedFilesystem> changed =
        draft.view().target().members().stream().filter(Obstacles::isChanged).findFirst();
    if (after.isEmpty() && changed.isEmpty()) {
      return Optional.empty();
    }
    if (request.policy().onDivergence() == OnDivergence.REFUSE) {
      String member = changed.map(ObservedFilesystem::path).orElse("");
      return Optional.of(new Conflict.Diverged(request.target(), member, base.id(), after, ""));
    }
    settleCopies(base, after, changed.isPresent());
    return Optional.empty();
  }

  /**
   * Rolling back a copy needs no step of its own: it is replaced by the next one that is installed.
   */
  private void settleCopies(Snapshot base, List<Version> after, boolean changed) {
    boolean keep = request.policy().onDivergence() == OnDivergence.KEEP_ASIDE;
    if (keep && changed) {
      draft.add(
          new SyncStep.KeepAside(
              "", request.asideName(), Optional.of(new Base("", base.name(), base.id(), false))));
    }
    for (Version version : after) {
      if (keep) {
        List<String> set = Draft.paths(PairView.having(draft.view().target(), version.name()));
        String kept = request.asideName() + "-" + version.name();
        draft.add(new SyncStep.RenameSnapshot(Side.TARGET, version.name(), kept, set, true));
      } else {
        draft.destroy(Side.TARGET, version.name());
      }
    }
  }

  private static boolean isChanged(ObservedFilesystem target) {
    LiveState.Kind live = target.live().kind();
    return live == LiveState.Kind.CHANGED || live == LiveState.Kind.FOREIGN;
  }

  private static List<Version> after(ObservedFilesystem target, Snapshot base) {
    return PairView.snapshots(target).stream()
        .filter(v -> Long.compareUnsigned(v.order(), base.order()) > 0)
        .map(Version.class::cast)
        .toList();
  }

  private Optional<Conflict> settleMembers() {
    for (Match match : draft.view().matches()) {
      Optional<Version> base =
          match.common().or(() -> comparable(match.source().path()).map(Version.class::cast));
      if (base.isPresent()) {
        Optional<Conflict> conflict = settleDivergence(match.target().orElseThrow(), base.get());
        if (conflict.isPresent()) {
          return conflict;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Conflict> settleDivergence(ObservedFilesystem target, Version common) {
    Snapshot base = PairView.snapshot(target, common.id()).orElseThrow();
    List<Version> after = after(target, base);
    if (after.isEmpty() && !isChanged(target)) {
      return Optional.empty();
    }
    OnDivergence choice = request.policy().onDivergence();
    if (!request.features().keepsVersions()) {
      return settleOnlyVersion(target, base);
    }
    if (choice == OnDivergence.REFUSE) {
      return Optional.of(
          new Conflict.Diverged(request.target(), target.path(), base.id(), after, ""));
    }
    if (choice == OnDivergence.ROLL_BACK) {
      draft.add(
          new SyncStep.RollBack(
              target.path(), base.name(), base.id(), PairView.after(target, base.id())));
    } else {
      abort(List.of(target.path()));
      draft.add(
          new SyncStep.KeepAside(
              target.path(),
              request.asideName(),
              Optional.of(new Base(target.path(), base.name(), base.id(), false))));
    }
    return Optional.empty();
  }

  /** Where nothing is kept to go back to, all that can be done is to begin anew beside it. */
  private Optional<Conflict> settleOnlyVersion(ObservedFilesystem target, Snapshot base) {
    if (!movesAside()) {
      return Optional.of(
          new Conflict.Diverged(
              request.target(),
              target.path(),
              base.id(),
              List.of(),
              "",
              false,
              request.immovable()));
    }
    abort(List.of(target.path()));
    draft.add(new SyncStep.KeepAside(target.path(), request.asideName(), Optional.empty()));
    return Optional.empty();
  }

  /** What was received in part would go aside with what it was received into. */
  private void abort(List<String> leaving) {
    List<String> partial =
        draft.view().target().members().stream()
            .filter(member -> member.partial().isPresent() && leaving.contains(member.path()))
            .map(ObservedFilesystem::path)
            .toList();
    if (!partial.isEmpty()) {
      draft.add(new SyncStep.AbortReceive(Side.TARGET, partial));
    }
  }
}
