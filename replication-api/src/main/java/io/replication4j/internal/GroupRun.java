package io.replication4j.internal;

import io.replication4j.DivergedException;
import io.replication4j.Quiesce;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncReport.StepReport;
import io.replication4j.SyncStep;
import io.replication4j.internal.PairLocks.PairLock;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import io.replication4j.spi.StorageBackend.RootedStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;

/** One call on a group: one look, all snapshots together, then every pair by itself. */
public final class GroupRun {

  private final List<PairContext> pairs;

  public GroupRun(List<PairContext> pairs) {
    this.pairs = pairs;
  }

  public List<SyncPlan> plan() throws InterruptedException {
    List<Looker.Answer> answers = Looker.look(pairs);
    List<SyncPlan> plans = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      PairView view = new PairView(answers.get(2 * i).orThrow(), answers.get(2 * i + 1).orThrow());
      plans.add(new PlanMaker(pairs.get(i)).plan(view));
    }
    return plans;
  }

  public List<SyncReport> sync(Quiesce quiesce, int parallel, SyncListener listener)
      throws InterruptedException {
    List<Member> members = pairs.stream().map(pair -> new Member(pair, listener)).toList();
    use(members, Looker.look(pairs), (member, view) -> member.plan(view));
    List<Member> busy = unreported(members);
    try (PairLocks locks = PairLocks.take(busy.stream().map(member -> member.pair).toList())) {
      busy.forEach(member -> member.take(locks));
      List<Member> ready = unreported(busy);
      List<PairContext> locked = ready.stream().map(member -> member.pair).toList();
      use(ready, Looker.lookAgain(locked), Member::begin); // when nobody else can be at work
      run(unreported(ready), quiesce, parallel);
    }
    return members.stream().map(member -> member.report.orElseThrow()).toList();
  }

  private static void run(List<Member> members, Quiesce quiesce, int parallel)
      throws InterruptedException {
    try (Workers workers = new Workers(parallel)) {
      inParallel(workers, members, Member::runToSnapshot);
      snapshotTogether(members.stream().filter(m -> m.snapshot.isPresent()).toList(), quiesce);
      inParallel(workers, members, Member::finish);
    }
  }

  private static List<Member> unreported(List<Member> members) {
    return members.stream().filter(member -> member.report.isEmpty()).toList();
  }

  private interface Use {
    void of(Member member, PairView view) throws InterruptedException;
  }

  /** Who could not be looked at has failed. */
  private static void use(List<Member> members, List<Looker.Answer> answers, Use use)
      throws InterruptedException {
    for (int i = 0; i < members.size(); i++) {
      try {
        use.of(
            members.get(i),
            new PairView(answers.get(2 * i).orThrow(), answers.get(2 * i + 1).orThrow()));
      } catch (ReplicationException e) {
        members.get(i).fail(e);
      }
    }
  }

  private interface Part {
    void run(Member member) throws InterruptedException;
  }

  private static void inParallel(Workers workers, List<Member> members, Part part)
      throws InterruptedException {
    List<Future<Member>> tasks = new ArrayList<>();
    for (Member member : members) {
      tasks.add(
          workers.start(
              () -> {
                part.run(member);
                return member;
              }));
    }
    for (Future<Member> task : tasks) {
      Workers.result(task);
    }
  }

  private static void snapshotTogether(List<Member> members, Quiesce quiesce)
      throws InterruptedException {
    if (members.isEmpty()) {
      return;
    }
    Map<StorageBackend, List<Member>> bySource = new IdentityHashMap<>();
    for (Member member : members) {
      bySource
          .computeIfAbsent(member.pair.backend(Side.SOURCE), b -> new ArrayList<>())
          .add(member);
    }
    quiesce.pause();
    try {
      for (Map.Entry<StorageBackend, List<Member>> entry : bySource.entrySet()) {
        snapshot(entry.getKey(), entry.getValue());
      }
    } finally {
      quiesce.resume();
    }
    for (Map.Entry<StorageBackend, List<Member>> entry : bySource.entrySet()) {
      lookAgain(entry.getKey(), entry.getValue());
    }
  }

  private static void snapshot(StorageBackend backend, List<Member> members)
      throws InterruptedException {
    long start = System.nanoTime();
    RecordingRunner runner =
        new RecordingRunner(backend.runner(), members.get(0).pair.policy().commandTimeout());
    try {
      List<RootedStep> steps =
          members.stream()
              .map(m -> new RootedStep(m.pair.source().name(), m.snapshot.orElseThrow()))
              .toList();
      backend.runAllOrFail(backend.groupSnapshot(steps), runner);
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      for (Member member : members) {
        SyncStep step = member.snapshot.orElseThrow();
        member.taken = Optional.of(new StepReport(step, false, 0, elapsed, runner.reports()));
      }
    } catch (ReplicationException e) {
      for (Member member : members) {
        member.fail(e);
      }
    }
  }

  private static void lookAgain(StorageBackend backend, List<Member> members)
      throws InterruptedException {
    List<Member> alive = members.stream().filter(m -> m.report.isEmpty()).toList();
    if (alive.isEmpty()) {
      return;
    }
    try {
      List<Observation> seen =
          backend.observe(
              alive.stream()
                  .map(m -> ObserveRequest.versions(m.pair.source().name(), m.pair.recursive()))
                  .toList());
      for (int i = 0; i < alive.size(); i++) {
        alive.get(i).snapshotTaken(seen.get(i));
      }
    } catch (ReplicationException e) {
      for (Member member : alive) {
        member.fail(e);
      }
    }
  }

  /** One pair on its way; once it has a report, nothing more is done for it. */
  private static final class Member {

    private final PairContext pair;
    private final SyncListener listener;
    private Optional<PairLock> lock = Optional.empty();
    private Optional<PairExecution> execution = Optional.empty();
    private Optional<SyncStep.CreateSnapshot> snapshot = Optional.empty();
    private Optional<SyncReport> report = Optional.empty();
    private Optional<StepReport> taken = Optional.empty();

    Member(PairContext pair, SyncListener listener) {
      this.pair = pair;
      this.listener = listener;
    }

    /** What is to be done; has its report if that is nothing. */
    Optional<SyncPlan.Transfer> plan(PairView view) throws InterruptedException {
      SyncPlan plan = new PlanMaker(pair).plan(view);
      if (plan instanceof SyncPlan.Transfer transfer) {
        return Optional.of(transfer);
      }
      report = Optional.of(PairRun.nothingDone(pair, plan, view));
      return Optional.empty();
    }

    void take(PairLocks locks) {
      try {
        lock = Optional.of(locks.of(pair));
      } catch (ReplicationException e) {
        report = Optional.of(failedBeforeItBegan(e));
      }
    }

    void begin(PairView view) throws InterruptedException {
      execution =
          plan(view).map(todo -> new PairExecution(pair, todo, view, listener, lock.orElseThrow()));
    }

    void runToSnapshot() throws InterruptedException {
      guarded(run -> snapshot = run.runToSnapshot());
      if (report.isEmpty() && snapshot.isEmpty()) {
        report = Optional.of(execution.orElseThrow().report());
      }
    }

    void snapshotTaken(Observation source) {
      execution.orElseThrow().snapshotTaken(taken.orElseThrow(), source);
    }

    void finish() throws InterruptedException {
      guarded(PairExecution::takeSnapshotAndFinish);
      if (report.isEmpty()) {
        report = Optional.of(execution.orElseThrow().report());
      }
    }

    private interface Action {
      void on(PairExecution execution) throws InterruptedException;
    }

    private void guarded(Action action) throws InterruptedException {
      if (report.isPresent()) {
        return;
      }
      PairExecution run = execution.orElseThrow();
      try {
        action.on(run);
      } catch (DivergedException e) {
        run.recordFailure(e);
        report = Optional.of(run.report(e));
      } catch (ReplicationException e) {
        fail(e);
      }
    }

    void fail(ReplicationException e) throws InterruptedException {
      if (execution.isPresent()) {
        execution.get().recordFailure(e);
        report = Optional.of(execution.get().report(e));
      } else {
        report = Optional.of(failedBeforeItBegan(e));
      }
    }

    private SyncReport failedBeforeItBegan(ReplicationException e) {
      Instant now = pair.clock().instant();
      return new SyncReport(
          pair.pair(),
          pair.endpoint(Side.SOURCE),
          pair.endpoint(Side.TARGET),
          Outcome.FAILED,
          Optional.empty(),
          Optional.empty(),
          now,
          now,
          0,
          0,
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.of(String.valueOf(e.getMessage())));
    }
  }
}
