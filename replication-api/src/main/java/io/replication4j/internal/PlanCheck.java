package io.replication4j.internal;

import io.replication4j.Snapshot;
import io.replication4j.StalePlanException;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.VersionId;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds a plan against the storage of now: every step must be done already, or still possible, by
 * identity.
 */
final class PlanCheck {

  private enum Verdict {
    DONE,
    POSSIBLE,
    STALE
  }

  private final Effects effects;

  PlanCheck(Effects effects) {
    this.effects = effects;
  }

  /**
   * Which steps are done already, one element per step.
   *
   * @throws StalePlanException if a step is neither done nor possible
   */
  List<Boolean> requireFits(String pair, List<SyncStep> steps, PairView now) {
    List<Boolean> done = new ArrayList<>();
    PairView view = now;
    for (SyncStep step : steps) {
      Verdict verdict = judge(step, view);
      if (verdict == Verdict.STALE) {
        throw new StalePlanException(
            "plan of pair "
                + pair
                + ": "
                + step
                + " does not fit what "
                + view.side(step.side()).root()
                + " is now; nothing was run. Plan again");
      }
      done.add(verdict == Verdict.DONE);
      view = verdict == Verdict.DONE ? view : effects.apply(step, view);
    }
    return done;
  }

  /**
   * A step that destroys versions still meets what the plan meant, as far as anybody has looked
   * since.
   *
   * @throws StalePlanException if it is something else
   */
  static void requireMeant(String pair, SyncStep step, PairView now) {
    boolean destroys =
        step instanceof SyncStep.DestroySnapshot
            || step instanceof SyncStep.DestroyMember
            || step instanceof SyncStep.RollBack;
    if (destroys && judge(step, now) == Verdict.STALE) {
      throw new StalePlanException(
          "pair "
              + pair
              + ": "
              + now.side(step.side()).root()
              + " is not what it was when this sync began, and this was not run: "
              + step
              + "; does another sync of this pair run? Run again");
    }
  }

  private static Verdict judge(SyncStep step, PairView view) {
    Observation side = view.side(step.side());
    if (step instanceof SyncStep.CreateSnapshot create) {
      return possibleIf(
          PairView.having(side, create.name()).isEmpty()
              && create.members().stream().allMatch(path -> side.member(path).isPresent()));
    } else if (step instanceof SyncStep.Send send) {
      return judgeSend(send, view);
    } else if (step instanceof SyncStep.DestroySnapshot destroy) {
      return judgeDestroy(destroy, side);
    } else if (step instanceof SyncStep.RenameSnapshot rename) {
      return judgeRename(rename, side);
    } else if (step instanceof SyncStep.RollBack back) {
      return judgeRollBack(back, side);
    } else if (step instanceof SyncStep.Prepare) {
      return side.prepared() ? Verdict.DONE : Verdict.POSSIBLE;
    } else if (step instanceof SyncStep.RenameMember rename) {
      return side.member(rename.from()).isPresent()
          ? possibleIf(has(side, rename.from(), rename.id()) && side.member(rename.to()).isEmpty())
          : doneIf(side.member(rename.to()).isPresent());
    } else if (step instanceof SyncStep.DestroyMember destroy) {
      return side.member(destroy.member()).isPresent()
          ? possibleIf(destroy.expected().containsAll(PairView.within(side, destroy.member())))
          : Verdict.DONE;
    }
    return Verdict.POSSIBLE;
  }

  private static Verdict judgeSend(SyncStep.Send send, PairView view) {
    boolean done = true;
    boolean possible = true;
    for (MemberSend member : send.members()) {
      done &= member.id().isPresent() && anyHas(view.target(), member.id().get());
      possible &= isPossible(member, view) || goesOn(send, member);
    }
    return done ? Verdict.DONE : possibleIf(possible);
  }

  /** What only goes on says nothing of its base. */
  private static boolean goesOn(SyncStep.Send send, MemberSend member) {
    return send.resumeToken().isPresent() && member.base().isEmpty();
  }

  private static boolean isPossible(MemberSend member, PairView view) {
    boolean there =
        PairView.having(view.source(), member.snapshot()).stream()
            .flatMap(m -> PairView.snapshot(m, member.snapshot()).stream())
            .anyMatch(s -> member.id().map(s.id()::equals).orElse(Effects.isPending(s.id())));
    return there && member.base().map(base -> anyHas(view.target(), base.id())).orElse(true);
  }

  private static Verdict judgeRollBack(SyncStep.RollBack back, Observation side) {
    return possibleIf(
        side.member(back.member())
            .filter(member -> PairView.snapshot(member, back.id()).isPresent())
            .filter(m -> back.expected().containsAll(PairView.after(m, back.id())))
            .isPresent());
  }

  /** A recursive one takes the snapshots of members that the plan does not know, too. */
  private static Verdict judgeDestroy(SyncStep.DestroySnapshot destroy, Observation side) {
    List<String> paths = destroy.recursive() ? Draft.paths(side.members()) : destroy.members();
    List<VersionId> doomed =
        paths.stream()
            .flatMap(path -> snapshot(side, path, destroy.name()).stream())
            .map(Snapshot::id)
            .toList();
    return doomed.isEmpty() ? Verdict.DONE : possibleIf(destroy.expected().containsAll(doomed));
  }

  private static Verdict judgeRename(SyncStep.RenameSnapshot rename, Observation side) {
    boolean from =
        rename.members().stream().anyMatch(p -> snapshot(side, p, rename.from()).isPresent());
    boolean to =
        rename.members().stream().anyMatch(p -> snapshot(side, p, rename.to()).isPresent());
    return from ? possibleIf(!to) : doneIf(to);
  }

  private static Optional<Snapshot> snapshot(Observation side, String path, String name) {
    return side.member(path).flatMap(member -> PairView.snapshot(member, name));
  }

  private static boolean has(Observation side, String path, VersionId id) {
    return side.member(path).flatMap(member -> PairView.snapshot(member, id)).isPresent();
  }

  private static boolean anyHas(Observation side, VersionId id) {
    return side.members().stream()
        .anyMatch((ObservedFilesystem m) -> PairView.snapshot(m, id).isPresent());
  }

  private static Verdict possibleIf(boolean possible) {
    return possible ? Verdict.POSSIBLE : Verdict.STALE;
  }

  private static Verdict doneIf(boolean done) {
    return done ? Verdict.DONE : Verdict.STALE;
  }
}
