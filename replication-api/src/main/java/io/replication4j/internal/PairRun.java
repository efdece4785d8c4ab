package io.replication4j.internal;

import io.replication4j.DivergedException;
import io.replication4j.PairState;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.StalePlanException;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncStatus;
import io.replication4j.SyncStep;
import io.replication4j.Version;
import io.replication4j.internal.PairLocks.PairLock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One call on a single pair, from the look at both sides to the report. */
public final class PairRun {

  private final PairContext pair;

  public PairRun(PairContext pair) {
    this.pair = pair;
  }

  public SyncPlan plan() throws InterruptedException {
    return new PlanMaker(pair).plan(look());
  }

  public SyncPlan.Transfer describe(SyncPlan.Transfer plan) throws InterruptedException {
    List<SyncStep> steps = plan.steps().stream().map(planned -> planned.step()).toList();
    return plan.withSteps(new PlanMaker(pair).describe(steps));
  }

  public SyncReport execute(SyncPlan plan, SyncListener listener) throws InterruptedException {
    if (!plan.pair().equals(pair.pair())) {
      throw new IllegalArgumentException(
          "a plan of pair " + plan.pair() + ", not of " + pair.pair());
    }
    if (plan instanceof SyncPlan.Transfer transfer) {
      requireSamePlaces(transfer);
      try (PairLocks locks = PairLocks.take(List.of(pair))) {
        PairLock lock = locks.of(pair);
        return run(transfer, look(), listener, lock);
      }
    }
    return plan instanceof SyncPlan.UpToDate
        ? stillUpToDate()
        : nothingDone(pair, plan, Optional.empty());
  }

  private SyncReport stillUpToDate() throws InterruptedException {
    PairView view = look();
    SyncPlan now = new PlanMaker(pair).plan(view);
    if (!(now instanceof SyncPlan.UpToDate)) {
      throw new StalePlanException(
          "plan of pair "
              + pair.pair()
              + ": there is something to do for "
              + pair.endpoint(Side.TARGET)
              + " now, and was not when it was made; nothing was run. Plan again");
    }
    return nothingDone(pair, now, view);
  }

  private void requireSamePlaces(SyncPlan.Transfer plan) {
    if (!plan.source().equals(pair.endpoint(Side.SOURCE))
        || !plan.target().equals(pair.endpoint(Side.TARGET))) {
      throw new IllegalArgumentException(
          "a plan for "
              + plan.source()
              + " -> "
              + plan.target()
              + ", not for "
              + pair.endpoint(Side.SOURCE)
              + " -> "
              + pair.endpoint(Side.TARGET));
    }
  }

  /**
   * Whoever finds nothing to do needs no lock; whoever finds something looks again when nobody else
   * can be at work.
   */
  public SyncReport sync(SyncListener listener) throws InterruptedException {
    PairView view = look();
    SyncPlan plan = new PlanMaker(pair).plan(view);
    return plan instanceof SyncPlan.Transfer ? syncLocked(listener) : nothingDone(pair, plan, view);
  }

  private SyncReport syncLocked(SyncListener listener) throws InterruptedException {
    try (PairLocks locks = PairLocks.take(List.of(pair))) {
      PairLock lock = locks.of(pair);
      PairView view = view(Looker.lookAgain(List.of(pair)));
      SyncPlan plan = new PlanMaker(pair).plan(view);
      return plan instanceof SyncPlan.Transfer transfer
          ? run(transfer, view, listener, lock)
          : nothingDone(pair, plan, view);
    }
  }

  private SyncReport run(
      SyncPlan.Transfer plan, PairView view, SyncListener listener, PairLock lock)
      throws InterruptedException {
    PairExecution execution = new PairExecution(pair, plan, view, listener, lock);
    try {
      execution.takeSnapshotAndFinish();
      return execution.report();
    } catch (DivergedException e) {
      execution.recordFailure(e);
      return execution.report(e);
    } catch (ReplicationException e) {
      execution.recordFailure(e);
      throw e;
    }
  }

  static SyncReport nothingDone(PairContext pair, SyncPlan plan, PairView view) {
    return nothingDone(pair, plan, view.commonRoot().flatMap(Version::createdAt));
  }

  /** The report of a plan without steps. */
  private static SyncReport nothingDone(PairContext pair, SyncPlan plan, Optional<Instant> asOf) {
    Instant now = pair.clock().instant();
    boolean current = plan instanceof SyncPlan.UpToDate;
    return new SyncReport(
        pair.pair(),
        pair.endpoint(Side.SOURCE),
        pair.endpoint(Side.TARGET),
        current ? Outcome.UP_TO_DATE : Outcome.BLOCKED,
        plan instanceof SyncPlan.UpToDate upToDate
            ? Optional.of(upToDate.base())
            : Optional.empty(),
        asOf,
        now,
        now,
        0,
        0,
        List.of(),
        plan.warnings(),
        plan instanceof SyncPlan.Blocked blocked
            ? Optional.of(blocked.conflict())
            : Optional.empty(),
        Optional.empty());
  }

  public Optional<PairState> state() throws InterruptedException {
    PairView view = look();
    List<String> notes = new ArrayList<>();
    Optional<PairState> source = StateRecords.find(pair.pair(), view.source(), notes);
    return source.isPresent() ? source : StateRecords.find(pair.pair(), view.target(), notes);
  }

  public SyncStatus status(Duration maxDelay) throws InterruptedException {
    return Status.of(pair.pair(), state(), maxDelay, pair.clock().instant());
  }

  private PairView look() throws InterruptedException {
    return look(pair);
  }

  /** Looks at both sides, both hosts at once. */
  static PairView look(PairContext pair) throws InterruptedException {
    return view(Looker.look(List.of(pair)));
  }

  private static PairView view(List<Looker.Answer> both) {
    return new PairView(both.get(0).orThrow(), both.get(1).orThrow());
  }
}
