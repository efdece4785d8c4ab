package io.replication4j.internal;

import io.replication4j.Bookmark;
import io.replication4j.Conflict;
import io.replication4j.FilesystemName;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.internal.PairView.Match;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Decides what a sync does, from one look at both sides: docs/algorithm.md. No I/O, no clock, no
 * chance: the same look gives the same plan. There is no special way for repairs; whatever an
 * interrupted run left behind is one more observed state.
 *
 * <p>First everything that stands in the way, then what an earlier run began is finished, then the
 * new round.
 */
public final class Planner {

  private final PlanRequest request;
  private final Draft draft;
  private final Children children;
  private final Copies copies;

  private Planner(PlanRequest request, PairView view) {
    this.request = request;
    this.draft = new Draft(view, new Effects(request.features()), request.recursive());
    this.children = new Children(request, draft);
    this.copies = new Copies(request, draft);
  }

  /** What was decided: a conflict, or steps (none: up to date). */
  public record Decision(Optional<Conflict> conflict, List<SyncStep> steps) {}

  public static Decision plan(PlanRequest request, PairView view) throws InterruptedException {
    return new Planner(request, view).decide();
  }

  private Decision decide() throws InterruptedException {
    prepare(); // first: what is observed of a side that is not prepared is what will be there then
    Optional<Conflict> conflict = new Obstacles(request, draft).settle();
    if (conflict.isPresent()) {
      return new Decision(conflict, List.of());
    }
    protectTarget();
    finishInterrupted();
    children.follow();
    if (!isCurrent()) {
      newRound();
    }
    copies.install();
    draft.destroy(Side.SOURCE, request.names().stale()); // it cannot arrive any more
    if (!draft.steps().isEmpty() || !new Records(request).areCurrent(draft.view().commonRoot())) {
      record();
    }
    return new Decision(Optional.empty(), draft.steps());
  }

  /** What was put aside is no target any more. */
  private void protectTarget() {
    if (draft.view().target().member("").isPresent()) {
      request
          .replicaProperties()
          .forEach(
              (property, value) ->
                  draft.add(new SyncStep.SetProperty(Side.TARGET, "", property, value)));
    }
  }

  // ------------------------------------------------------------------ what an earlier run began

  private void finishInterrupted() throws InterruptedException {
    abortFormer();
    reviveArrived();
    String tosend = request.names().tosend();
    List<ObservedFilesystem> begun = PairView.having(draft.view().source(), tosend);
    Map<VersionId, String> begunAt = pathsById(begun, tosend);
    abortUseless(begunAt);
    children.follow();
    List<ObservedFilesystem> missing =
        begun.stream()
            .filter(member -> !isReceived(PairView.snapshot(member, tosend).orElseThrow().id()))
            .toList();
    boolean resumable = draft.view().target().members().stream().anyMatch(m -> resumes(m, begunAt));
    if (missing.size() == begun.size() && !resumable) {
      giveUp(tosend); // nobody has it: its as-of time would be of the past
    } else {
      sendMissing(missing, tosend);
    }
    copies.install();
    rotate();
  }

  private static Map<VersionId, String> pathsById(List<ObservedFilesystem> members, String name) {
    return members.stream()
        .collect(
            Collectors.toMap(
                member -> PairView.snapshot(member, name).orElseThrow().id(),
                ObservedFilesystem::path));
  }

  /**
   * A stream may outlive the sync that began it, and arrive after the next one has looked: what was
   * given up stays under another name, for its identity, until the target holds something newer.
   * Unless it would travel with the next stream.
   */
  private void giveUp(String tosend) {
    draft.destroy(Side.SOURCE, request.names().stale());
    boolean onlyIncrements = draft.view().matches().stream().allMatch(m -> m.common().isPresent());
    if (onlyIncrements && !request.policy().intermediates()) {
      draft.rename(Side.SOURCE, tosend, request.names().stale());
    } else {
      draft.destroy(Side.SOURCE, tosend);
    }
  }

  /** What was given up and has arrived since is on its way again, in place of its successor. */
  private void reviveArrived() {
    String stale = request.names().stale();
    List<ObservedFilesystem> givenUp = PairView.having(draft.view().source(), stale);
    Map<VersionId, String> givenUpAt = pathsById(givenUp, stale);
    boolean arrived =
        draft.view().matches().stream()
                .flatMap(match -> match.common().stream())
                .anyMatch(common -> givenUpAt.containsKey(common.id()))
            || draft.view().target().members().stream().anyMatch(m -> resumes(m, givenUpAt));
    if (arrived) {
      draft.destroy(Side.SOURCE, request.names().tosend());
      draft.rename(Side.SOURCE, stale, request.names().tosend());
    }
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

  /** What was kept is of use as long as its version can be sent. */
  private static boolean resumes(ObservedFilesystem target, Map<VersionId, String> begunAt) {
    return target
            .partial()
            .filter(PartialReceive::kept)
            .flatMap(PartialReceive::version)
            .filter(begunAt::containsKey)
            .isPresent()
        || resumesByToken(target, begunAt);
  }

  /** A token names the filesystem that was sent: it is of no use once that has another name. */
  private static boolean resumesByToken(ObservedFilesystem target, Map<VersionId, String> begunAt) {
    return target
        .partial()
        .filter(partial -> partial.token().isPresent() && !partial.kept())
        .flatMap(PartialReceive::version)
        .filter(version -> target.path().equals(begunAt.get(version)))
        .isPresent();
  }

  private void abortUseless(Map<VersionId, String> begunAt) {
    abort(
        Side.TARGET,
        member -> !member.partial().orElseThrow().ofCheck() && !resumes(member, begunAt));
  }

  /**
   * What the source was sent when it was the target, and did not get whole; and what a check of it
   * left then.
   */
  private void abortFormer() {
    if (new Records(request).sourceWasTarget()) {
      abort(Side.SOURCE, member -> true);
    }
  }

  private void abort(Side side, Predicate<ObservedFilesystem> isUseless) {
    List<String> useless =
        draft.view().side(side).members().stream()
            .filter(member -> member.partial().isPresent() && isUseless.test(member))
            .map(ObservedFilesystem::path)
            .toList();
    if (!useless.isEmpty()) {
      draft.add(new SyncStep.AbortReceive(side, useless));
    }
  }

  private void sendMissing(List<ObservedFilesystem> missing, String tosend)
      throws InterruptedException {
    Map<String, Match> matches = byPath();
    List<MemberSend> fresh =
        missing.stream()
            .filter(member -> !resume(member, tosend))
            .map(
                member ->
                    memberSend(member, Optional.ofNullable(matches.get(member.path())), tosend))
            .toList();
    arrange(fresh);
  }

  /** Continues the stream of this member, if the target has a token for it. */
  private boolean resume(ObservedFilesystem member, String tosend) {
    VersionId id = PairView.snapshot(member, tosend).orElseThrow().id();
    Optional<ObservedFilesystem> holder =
        draft.view().target().members().stream()
            .filter(target -> resumesByToken(target, Map.of(id, member.path())))
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
        || PairView.having(draft.view().target(), request.names().sent()).size() <= matches.size();
  }

  private void newRound() throws InterruptedException {
    copies.check();
    String tosend = request.names().tosend();
    List<String> paths = draft.view().matches().stream().map(m -> m.source().path()).toList();
    draft.add(new SyncStep.CreateSnapshot(Side.SOURCE, tosend, paths, request.recursive()));
    sendParentsOfMoved(tosend);
    arrange(
        draft.view().matches().stream()
            .filter(match -> !isReceived(pendingId(match, tosend)))
            .map(match -> memberSend(match.source(), Optional.of(match), tosend))
            .toList());
    children.settleRemoved(); // what a moved child had to be sent out of first
    copies.install();
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
        children.renameMoved();
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

  private MemberSend memberSend(ObservedFilesystem member, Optional<Match> match, String tosend) {
    VersionId id = PairView.snapshot(member, tosend).orElseThrow().id();
    Optional<Version> common = match.flatMap(Match::common);
    Optional<Snapshot> compared =
        common.isPresent()
            ? Optional.empty()
            : new Obstacles(request, draft).comparable(member.path());
    return new MemberSend(
        member.path(),
        tosend,
        Optional.of(id).filter(known -> !Effects.isPending(known)),
        common
            .map(version -> base(member, version))
            .or(() -> compared.map(v -> new Base(member.path(), v.name(), v.id(), false))),
        compared.isPresent());
  }

  private Base base(ObservedFilesystem member, Version common) {
    FilesystemName root = draft.view().source().root();
    String path =
        common.filesystem().isWithin(root) ? common.filesystem().pathFrom(root) : member.path();
    return new Base(path, common.name(), common.id(), common instanceof Bookmark);
  }

  private void record() {
    draft.add(new SyncStep.RecordState(Side.SOURCE, request.pair(), request.lineage()));
    draft.add(new SyncStep.RecordState(Side.TARGET, request.pair(), request.lineage()));
  }
}
