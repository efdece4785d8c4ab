package io.replication4j.internal;

import io.replication4j.Bookmark;
import io.replication4j.Conflict;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncPolicy.OnRemovedChild;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.internal.PairView.Match;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides what a sync does, from one look at both sides: docs/algorithm.md. No I/O, no clock, no chance: the
 * same look gives the same plan. There is no special way for repairs; whatever an interrupted run left behind
 * is one more observed state.
 *
 * <p>First everything that stands in the way, then what an earlier run began is finished, then the new round.
 */
public final class Planner {

  private final PlanRequest request;
  private final Records records;
  private final Draft draft;

  private Planner(PlanRequest request, PairView view) {
    this.request = request;
    this.records = new Records(request);
    this.draft =
        new Draft(view, new Effects(request.features().separateCopies()), request.recursive());
  }

  /** What was decided: a conflict, or steps (none: up to date). */
  public record Decision(Optional<Conflict> conflict, List<SyncStep> steps) {}

  public static Decision plan(PlanRequest request, PairView view) throws InterruptedException {
    return new Planner(request, view).decide();
  }

  private Decision decide() throws InterruptedException {
    Optional<Conflict> conflict =
        records
            .conflict(draft.view().commonRoot().isPresent())
            .or(this::foreignTarget)
            .or(this::settleDivergence);
    if (conflict.isPresent()) {
      return new Decision(conflict, List.of());
    }
    finishInterrupted();
    followChildren();
    if (!isCurrent()) {
      newRound();
    }
    install();
    if (!draft.steps().isEmpty() || !records.areCurrent(draft.view().commonRoot())) {
      record();
    }
    return new Decision(Optional.empty(), draft.steps());
  }

  // ------------------------------------------------------------------ what stands in the way

  /** Something at the target's place, or at a child's, that shares no version with the source. */
  private Optional<Conflict> foreignTarget() {
    if (draft.view().commonRoot().isEmpty()) {
      Optional<Conflict> broken = records.brokenChain();
      if (broken.isPresent()) {
        return broken;
      }
    }
    for (Match match : draft.view().matches()) {
      String path = match.source().path();
      Optional<ObservedFilesystem> target = draft.view().target().member(path);
      if (match.common().isEmpty() && target.filter(t -> isInTheWay(path, t)).isPresent()) {
        Optional<Conflict> conflict = settleForeign(path, target.orElseThrow());
        if (conflict.isPresent()) {
          return conflict;
        }
      }
    }
    return Optional.empty();
  }

  /** Where children travel as a set, the copy of a child that was made anew is replaced with the set. */
  private boolean isInTheWay(String path, ObservedFilesystem target) {
    LiveState.Kind live = target.live().kind();
    boolean ours =
        !path.isEmpty()
            && !request.features().independentChildren()
            && live != LiveState.Kind.CHANGED
            && live != LiveState.Kind.FOREIGN;
    return !ours && holdsSomething(target);
  }

  private static boolean holdsSomething(ObservedFilesystem target) {
    return target.live().kind() != LiveState.Kind.ABSENT || !target.versions().isEmpty();
  }

  private Optional<Conflict> settleForeign(String path, ObservedFilesystem target) {
    if (request.policy().onDivergence() != OnDivergence.KEEP_ASIDE) {
      return Optional.of(
          new Conflict.NoCommonBase(request.source(), request.target(), path, target.versions()));
    }
    draft.add(new SyncStep.KeepAside(path, request.asideName(), Optional.empty()));
    dropReceived(path);
    return Optional.empty();
  }

  /** Where copies are separate, the snapshots they came from stand in our own directory and are of no use. */
  private void dropReceived(String path) {
    if (path.isEmpty() && request.features().separateCopies()) {
      draft.destroy(Side.TARGET, request.names().tosend());
      draft.destroy(Side.TARGET, request.names().sent());
    }
  }

  /** What the target has of its own after the base: refused, discarded or kept, as the policy says. */
  private Optional<Conflict> settleDivergence() {
    for (Match match : draft.view().matches()) {
      if (match.common().isPresent()) {
        Optional<Conflict> conflict =
            settleDivergence(match.target().orElseThrow(), match.common().orElseThrow());
        if (conflict.isPresent()) {
          return conflict;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Conflict> settleDivergence(ObservedFilesystem target, Version common) {
    Snapshot base = PairView.snapshot(target, common.id()).orElseThrow();
    List<Version> after =
        PairView.snapshots(target).stream()
            .filter(v -> Long.compareUnsigned(v.order(), base.order()) > 0)
            .map(Version.class::cast)
            .toList();
    LiveState.Kind live = target.live().kind();
    boolean changed = live == LiveState.Kind.CHANGED || live == LiveState.Kind.FOREIGN;
    if (after.isEmpty() && !changed) {
      return Optional.empty();
    }
    OnDivergence choice = request.policy().onDivergence();
    if (choice == OnDivergence.REFUSE) {
      return Optional.of(
          new Conflict.Diverged(request.target(), target.path(), base.id(), after, ""));
    }
    draft.add(
        choice == OnDivergence.ROLL_BACK
            ? new SyncStep.RollBack(target.path(), base.name(), base.id())
            : new SyncStep.KeepAside(
                target.path(),
                request.asideName(),
                Optional.of(new Base(target.path(), base.name(), base.id(), false))));
    return Optional.empty();
  }

  // ------------------------------------------------------------------ what an earlier run began

  private void finishInterrupted() throws InterruptedException {
    prepare();
    String tosend = request.names().tosend();
    List<ObservedFilesystem> begun = PairView.having(draft.view().source(), tosend);
    Set<VersionId> begunIds =
        begun.stream()
            .flatMap(member -> PairView.snapshot(member, tosend).stream())
            .map(Snapshot::id)
            .collect(Collectors.toSet());
    abortUseless(begunIds);
    List<ObservedFilesystem> missing =
        begun.stream()
            .filter(member -> !isReceived(PairView.snapshot(member, tosend).orElseThrow().id()))
            .toList();
    boolean resumable = draft.view().target().members().stream().anyMatch(m -> resumes(m, begunIds));
    if (missing.size() == begun.size() && !resumable) {
      draft.destroy(Side.SOURCE, tosend); // nobody has it: its as-of time would be of the past
    } else {
      sendMissing(missing, tosend);
    }
    install();
    rotate();
  }

  private void prepare() {
    if (!draft.view().target().prepared()) {
      draft.add(new SyncStep.Prepare(Side.TARGET));
    }
    if (!draft.view().source().prepared()) {
      draft.add(new SyncStep.Prepare(Side.SOURCE));
    }
  }

  private boolean isReceived(VersionId id) {
    return draft.view().target().members().stream()
        .anyMatch(member -> PairView.snapshot(member, id).isPresent());
  }

  private static boolean resumes(ObservedFilesystem target, Set<VersionId> begun) {
    return target
        .partial()
        .filter(partial -> partial.token().isPresent())
        .flatMap(PartialReceive::version)
        .filter(begun::contains)
        .isPresent();
  }

  private void abortUseless(Set<VersionId> begun) {
    List<String> useless =
        draft.view().target().members().stream()
            .filter(member -> member.partial().isPresent() && !resumes(member, begun))
            .map(ObservedFilesystem::path)
            .toList();
    if (!useless.isEmpty()) {
      draft.add(new SyncStep.AbortReceive(useless));
    }
  }

  private void sendMissing(List<ObservedFilesystem> missing, String tosend)
      throws InterruptedException {
    Map<String, Match> matches = byPath();
    List<MemberSend> fresh =
        missing.stream()
            .filter(member -> !resume(member, tosend))
            .map(member -> memberSend(member, Optional.ofNullable(matches.get(member.path())), tosend))
            .toList();
    arrange(fresh);
  }

  /** Continues the stream of this member, if the target has a part of it. */
  private boolean resume(ObservedFilesystem member, String tosend) {
    VersionId id = PairView.snapshot(member, tosend).orElseThrow().id();
    Optional<ObservedFilesystem> holder =
        draft.view().target().members().stream()
            .filter(target -> resumes(target, Set.of(id)))
            .findFirst();
    holder.ifPresent(
        target ->
            draft.add(
                new SyncStep.Send(
                    List.of(
                        new MemberSend(target.path(), tosend, Optional.of(id), Optional.empty())),
                    false,
                    request.policy().intermediates(),
                    target.partial().flatMap(PartialReceive::token))));
    return holder.isPresent();
  }

  private void rotate() {
    String tosend = request.names().tosend();
    String sent = request.names().sent();
    draft.rotate(Side.TARGET, tosend, sent);
    draft.rotate(Side.SOURCE, tosend, sent);
  }

  // ------------------------------------------------------------------ children that came and went

  private void followChildren() {
    if (request.features().independentChildren() && draft.view().commonRoot().isPresent()) {
      renameMoved();
      settleRemoved();
    }
  }

  /** As far as the new places are free and their parents exist; what remains waits for the parents. */
  private void renameMoved() {
    Set<String> movedAway = new HashSet<>(); // each makes room at most once, so this ends
    while (moveOne() || makeRoom(movedAway)) {}
  }

  private boolean moveOne() {
    Optional<Match> next =
        draft.view().matches().stream().filter(this::canMove).findFirst();
    next.ifPresent(
        m ->
            draft.add(
                new SyncStep.RenameMember(m.target().orElseThrow().path(), m.source().path())));
    return next.isPresent();
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
    Optional<String> away =
        moved.stream()
            .map(m -> m.target().orElseThrow().path())
            .filter(from -> moved.stream().anyMatch(m -> Effects.within(m.source().path(), from)))
            .filter(movedAway::add)
            .findFirst();
    away.ifPresent(from -> draft.add(new SyncStep.RenameMember(from, from + "-moving")));
    return away.isPresent();
  }

  private void settleRemoved() {
    Set<String> kept =
        draft.view().matches().stream()
            .flatMap(match -> match.target().stream())
            .map(ObservedFilesystem::path)
            .collect(Collectors.toSet());
    List<ObservedFilesystem> removed =
        draft.view().target().members().stream().filter(m -> !kept.contains(m.path())).toList();
    for (int i = removed.size() - 1; i >= 0; i--) { // children before parents
      settleRemoved(removed.get(i));
    }
  }

  private void settleRemoved(ObservedFilesystem removed) {
    Optional<Snapshot> last = PairView.snapshot(removed, request.names().sent());
    if (last.isEmpty()) {
      return; // not ours, or kept before
    }
    if (request.policy().onRemovedChild() == OnRemovedChild.DESTROY) {
      draft.add(new SyncStep.DestroyMember(removed.path()));
    } else {
      String kept = request.names().sent() + "-kept-" + Long.toUnsignedString(last.get().order());
      draft.add(
          new SyncStep.RenameSnapshot(
              Side.TARGET, request.names().sent(), kept, List.of(removed.path()), false));
    }
  }

  // ------------------------------------------------------------------ the new round

  /** Whether the target holds what the source holds now. */
  private boolean isCurrent() {
    List<Match> matches = draft.view().matches();
    return matches.stream().allMatch(this::isCurrent) && hasNoOtherChildren(matches);
  }

  private boolean isCurrent(Match match) {
    if (match.common().isEmpty() || match.isMoved()) {
      return false;
    }
    Version common = match.common().orElseThrow();
    return match.source().live().isIdenticalTo(common.id())
        && !(request.policy().intermediates() && hasNewer(match.source(), common));
  }

  private static boolean hasNewer(ObservedFilesystem source, Version common) {
    return PairView.snapshots(source).stream()
        .anyMatch(s -> Long.compareUnsigned(s.order(), common.order()) > 0);
  }

  /** Where children travel as a set, one that is gone at the source changes the set. */
  private boolean hasNoOtherChildren(List<Match> matches) {
    return request.features().independentChildren()
        || PairView.having(draft.view().target(), request.names().sent()).size()
            <= matches.size();
  }

  private void newRound() throws InterruptedException {
    checkCopies();
    String tosend = request.names().tosend();
    List<String> paths = draft.view().matches().stream().map(m -> m.source().path()).toList();
    draft.add(new SyncStep.CreateSnapshot(Side.SOURCE, tosend, paths, request.recursive()));
    sendParentsOfMoved(tosend);
    arrange(
        draft.view().matches().stream()
            .filter(match -> !isReceived(pendingId(match, tosend)))
            .map(match -> memberSend(match.source(), Optional.of(match), tosend))
            .toList());
    install();
    rotate();
  }

  private static VersionId pendingId(Match match, String tosend) {
    return PairView.snapshot(match.source(), tosend).orElseThrow().id();
  }

  /** A child that moved below a new parent waits for that parent to be sent. */
  private void sendParentsOfMoved(String tosend) throws InterruptedException {
    if (!request.features().independentChildren()) {
      return;
    }
    Set<String> moved =
        draft.view().matches().stream()
            .filter(Match::isMoved)
            .map(m -> m.source().path())
            .collect(Collectors.toSet());
    for (Match match : draft.view().matches()) {
      String path = match.source().path();
      boolean awaited = moved.stream().anyMatch(m -> !m.equals(path) && Effects.within(m, path));
      if (awaited && match.target().isEmpty()) {
        arrange(List.of(memberSend(match.source(), Optional.of(match), tosend)));
        renameMoved();
      }
    }
  }

  private void arrange(List<MemberSend> members) throws InterruptedException {
    if (!members.isEmpty()) {
      PairView view = draft.view();
      draft.addAll(
          request
              .streams()
              .arrange(view.source(), view.target(), members, request.policy().intermediates()));
    }
  }

  private Map<String, Match> byPath() {
    Map<String, Match> byPath = new TreeMap<>();
    draft.view().matches().forEach(match -> byPath.put(match.source().path(), match));
    return byPath;
  }

  private MemberSend memberSend(
      ObservedFilesystem member, Optional<Match> match, String tosend) {
    VersionId id = PairView.snapshot(member, tosend).orElseThrow().id();
    return new MemberSend(
        member.path(),
        tosend,
        Optional.of(id).filter(known -> !Effects.isPending(known)),
        match.flatMap(Match::common).map(common -> base(member, common)));
  }

  private Base base(ObservedFilesystem member, Version common) {
    FilesystemName root = draft.view().source().root();
    String path =
        common.filesystem().isWithin(root) ? common.filesystem().pathFrom(root) : member.path();
    return new Base(path, common.name(), common.id(), common instanceof Bookmark);
  }

  // ------------------------------------------------------------------ copies and records

  /** A copy that was touched may have been changed: proven before it is replaced. */
  private void checkCopies() {
    switch (request.policy().onDivergence()) {
      case ROLL_BACK -> {}
      case KEEP_ASIDE -> check(Optional.of(request.asideName()));
      default -> check(Optional.empty());
    }
  }

  private void check(Optional<String> asideName) {
    Map<String, List<String>> touched = new TreeMap<>();
    for (ObservedFilesystem member : draft.view().target().members()) {
      if (member.live().kind() == LiveState.Kind.UNPROVEN) {
        originOf(member)
            .ifPresent(name -> touched.computeIfAbsent(name, n -> new ArrayList<>()).add(member.path()));
      }
    }
    touched.forEach((name, paths) -> draft.add(new SyncStep.CheckUnmodified(name, paths, asideName)));
  }

  private static Optional<String> originOf(ObservedFilesystem member) {
    return member.live().versions().stream()
        .flatMap(id -> PairView.snapshot(member, id).stream())
        .map(Snapshot::name)
        .findFirst();
  }

  /** The copies at the final location are those of the newest version received. */
  private void install() {
    if (!request.features().separateCopies()) {
      return;
    }
    Optional<ObservedFilesystem> root = draft.view().target().member("");
    Optional<Version> common = draft.view().commonRoot();
    if (root.isEmpty() || common.isEmpty()) {
      return;
    }
    checkCopies();
    String name = PairView.snapshot(root.get(), common.get().id()).orElseThrow().name();
    List<ObservedFilesystem> set = PairView.having(draft.view().target(), name);
    if (!isInstalled(set, name)) {
      Optional<String> replaces =
          root.filter(r -> request.policy().onDivergence() != OnDivergence.ROLL_BACK)
              .filter(r -> r.live().kind() == LiveState.Kind.IDENTICAL)
              .flatMap(Planner::originOf);
      draft.add(new SyncStep.InstallCopy(name, Draft.paths(set), replaces));
    }
  }

  private boolean isInstalled(List<ObservedFilesystem> set, String name) {
    boolean all =
        draft.view().target().members().stream()
            .filter(m -> set.contains(m))
            .allMatch(m -> m.live().isIdenticalTo(PairView.snapshot(m, name).orElseThrow().id()));
    boolean noMore =
        draft.view().target().members().stream()
            .filter(m -> !set.contains(m))
            .allMatch(m -> m.live().kind() == LiveState.Kind.ABSENT);
    return all && noMore;
  }

  private void record() {
    draft.add(new SyncStep.RecordState(Side.SOURCE, request.pair(), request.lineage()));
    draft.add(new SyncStep.RecordState(Side.TARGET, request.pair(), request.lineage()));
  }
}
