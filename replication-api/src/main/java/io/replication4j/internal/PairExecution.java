package io.replication4j.internal;

import io.replication4j.Conflict;
import io.replication4j.DivergedException;
import io.replication4j.IncompleteTransferException;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncReport.StepReport;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.TransferProgress;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.internal.PairLocks.PairLock;
import io.replication4j.spi.BlockDevice;
import io.replication4j.spi.DifferingBlocks;
import io.replication4j.spi.Failures;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One plan being run. Does the steps in order, in two parts around the snapshot, so that several
 * executions can take theirs together; decides nothing. Not thread-safe; every part may run on
 * another thread.
 */
public final class PairExecution {

  private static final Logger LOG = LoggerFactory.getLogger(PairExecution.class);

  private final PairContext pair;
  private final SyncListener listener;
  private final SyncPlan.Transfer plan;
  private final PairLock lock;
  private final Instant startedAt;
  private final List<StepReport> reports = new ArrayList<>();
  private final List<MemberSend> unproven = new ArrayList<>();
  private final List<SyncStep> steps;
  private final List<Boolean> done;
  private final StateWriter states;
  private PairView view;
  private int next;
  private long bytes;
  private long found;
  private Duration streaming = Duration.ZERO;

  /**
   * Checks the plan against {@code view}, what both sides are now.
   *
   * @param lock was taken before that
   * @throws io.replication4j.StalePlanException if it does not fit
   * @throws io.replication4j.UnsupportedException if the pair's route is not there
   */
  PairExecution(
      PairContext pair,
      SyncPlan.Transfer plan,
      PairView view,
      SyncListener listener,
      PairLock lock) {
    this.pair = pair;
    this.plan = plan;
    this.view = view;
    this.listener = listener;
    this.lock = lock;
    this.startedAt = pair.clock().instant();
    this.steps = plan.steps().stream().map(planned -> planned.step()).toList();
    DirectTransfer.requirePossible(pair);
    this.done = new PlanCheck(pair.effects()).requireFits(plan.pair(), steps, view);
    this.states = new StateWriter(pair, view);
  }

  /**
   * Runs what comes before the next snapshot, and returns that snapshot; empty: everything was run.
   */
  public Optional<SyncStep.CreateSnapshot> runToSnapshot() throws InterruptedException {
    while (next < steps.size()) {
      SyncStep step = steps.get(next);
      if (step instanceof SyncStep.CreateSnapshot create) {
        proveReceived();
        return Optional.of(create);
      }
      run(step);
    }
    proveReceived();
    return Optional.empty();
  }

  /**
   * Takes the snapshot that {@link #runToSnapshot} stopped at, by itself, and goes on to the end.
   */
  public void takeSnapshotAndFinish() throws InterruptedException {
    while (next < steps.size()) {
      run(steps.get(next));
    }
    proveReceived();
  }

  /** Somebody else has taken the snapshot, as reported; this is the source with it. */
  public void snapshotTaken(StepReport report, Observation source) {
    view = view.with(Side.SOURCE, source);
    finish(report);
  }

  private void run(SyncStep step) throws InterruptedException {
    if (!(step instanceof SyncStep.Send)) {
      proveReceived();
    }
    lock.requireHeld();
    listener.beforeStep(pair.pair(), step);
    if (done.get(next)) {
      finish(new StepReport(step, true, 0, Duration.ZERO, List.of()));
      return;
    }
    PlanCheck.requireMeant(pair.pair(), step, view);
    long start = System.nanoTime();
    RecordingRunner runner =
        new RecordingRunner(pair.backend(step.side()).runner(), pair.policy().commandTimeout());
    Moved moved = perform(step, runner);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    finish(new StepReport(step, false, moved.bytes(), moved.found(), elapsed, runner.reports()));
  }

  private void finish(StepReport report) {
    LOG.info(
        "{}: {} on {} {} after {}",
        pair.pair(),
        report.step().getClass().getSimpleName(),
        pair.endpoint(report.step().side()),
        report.skipped() ? "was done" : "done",
        Failures.format(report.elapsed()));
    reports.add(report);
    next++;
    listener.afterStep(pair.pair(), report);
  }

  /**
   * What a step moved.
   *
   * @param found what its stream had and did not have to move
   */
  private record Moved(long bytes, long found) {}

  private Moved perform(SyncStep step, RecordingRunner runner) throws InterruptedException {
    StorageBackend backend = pair.backend(step.side());
    if (step instanceof SyncStep.Send send) {
      return stream(send, runner);
    } else if (step instanceof SyncStep.RecordState record) {
      record(record, runner);
    } else {
      backend.perform(pair.side(step.side()).name(), step, runner);
      view =
          step instanceof SyncStep.CreateSnapshot
              ? view.with(step.side(), look(step.side()))
              : pair.effects().apply(step, view);
    }
    return new Moved(0, 0);
  }

  private Observation look(Side side) throws InterruptedException {
    ObserveRequest request = ObserveRequest.versions(pair.side(side).name(), pair.recursive());
    return pair.backend(side).observe(List.of(request)).get(0);
  }

  // ------------------------------------------------------------------ streams

  private Moved stream(SyncStep.Send planned, RecordingRunner runner) throws InterruptedException {
    SyncStep.Send send = withIdentities(planned);
    StorageBackend source = pair.backend(Side.SOURCE);
    StorageBackend target = pair.backend(Side.TARGET);
    Command sending = source.send(pair.source().name(), send, target);
    Command receiving = target.receive(pair.target().name(), send);
    StreamProgress progress =
        new StreamProgress(pair.pair(), listener, source, pair.source().name(), send);
    long start = System.nanoTime();
    StreamTransfer.Outcome outcome =
        pair.policy().route() == Route.DIRECT
            ? direct(sending, receiving, moved -> progress.at(moved, 0))
            : throughHere(send, sending, receiving, progress, runner);
    runner.addAs(source.runner().host(), sending, outcome.sent());
    runner.addAs(target.runner().host(), receiving, outcome.received());
    target.finishReceive(pair.target().name(), send, runner);
    bytes += outcome.bytes();
    found += outcome.found();
    streaming = streaming.plusNanos(System.nanoTime() - start);
    unproven.addAll(send.members());
    return new Moved(outcome.bytes(), outcome.found());
  }

  private StreamTransfer.Outcome throughHere(
      SyncStep.Send step,
      Command send,
      Command receive,
      StreamProgress progress,
      RecordingRunner runner)
      throws InterruptedException {
    StorageBackend source = pair.backend(Side.SOURCE);
    StorageBackend target = pair.backend(Side.TARGET);
    Optional<DifferingBlocks> differing = compare(step, send, runner);
    return new StreamTransfer(
            () ->
                differing.isPresent()
                    ? differing.get().startSend(progress::length)
                    : source.startSend(pair.source().name(), step, send, progress::length),
            source,
            send,
            had -> target.startReceive(pair.target().name(), step, receive, had),
            target,
            receive,
            target.flush(pair.target().name()),
            pair.policy().stallTimeout(),
            pair.policy().bytesPerSecond(),
            progress)
        .run();
  }

  /** Finds what has to be sent where there is no list of what changed. */
  private Optional<DifferingBlocks> compare(
      SyncStep.Send step, Command send, RecordingRunner runner) throws InterruptedException {
    MemberSend member = step.members().get(0);
    if (!member.compared()) {
      return Optional.empty();
    }
    StorageBackend source = pair.backend(Side.SOURCE);
    StorageBackend target = pair.backend(Side.TARGET);
    DifferingBlocks differing = source.differing(pair.source().name(), step, send);
    BlockDevice sent = source.blocks(pair.source().name(), member.id()).orElseThrow();
    BlockDevice live = target.blocks(pair.target().name(), Optional.empty()).orElseThrow();
    long total = Math.min(sent.bytes(), live.bytes());
    long start = System.nanoTime();
    LongConsumer progress =
        compared -> {
          differing.watch(runner.on(source.runner()));
          listener.comparing(
              new TransferProgress(
                  pair.pair(),
                  compared,
                  Optional.of(total),
                  Duration.ofNanos(System.nanoTime() - start)));
        };
    new BlockComparison(source, sent, target, live, pair.policy(), progress).run(differing::add);
    if (sent.bytes() > live.bytes()) { // what the target does not have yet
      differing.add(live.bytes(), sent.bytes() - live.bytes());
    }
    return Optional.of(differing);
  }

  private StreamTransfer.Outcome direct(Command send, Command receive, LongConsumer progress)
      throws InterruptedException {
    StorageBackend target = pair.backend(Side.TARGET);
    return new DirectTransfer(
            pair.backend(Side.SOURCE),
            send,
            target,
            receive,
            target.flush(pair.target().name()),
            pair.policy().stallTimeout(),
            progress)
        .run();
  }

  /** The identities that the plan could not know, because it was the plan that created them. */
  private SyncStep.Send withIdentities(SyncStep.Send send) {
    List<MemberSend> members =
        send.members().stream()
            .map(
                m ->
                    new MemberSend(
                        m.path(), m.snapshot(), Optional.of(identity(m)), m.base(), m.compared()))
            .toList();
    return new SyncStep.Send(members, send.tree(), send.intermediates(), send.resumeToken());
  }

  private VersionId identity(MemberSend member) {
    return member
        .id()
        .or(
            () ->
                view.source()
                    .member(member.path())
                    .flatMap(m -> PairView.snapshot(m, member.snapshot()))
                    .map(Version::id))
        .orElseThrow(
            () ->
                new IncompleteTransferException(
                    pair.source().name().child(member.path())
                        + " on "
                        + pair.endpoint(Side.SOURCE).host()
                        + " has no snapshot "
                        + member.snapshot()
                        + ", although the command that takes it succeeded;"
                        + " was it destroyed meanwhile? Nothing was sent; run again",
                    null));
  }

  /**
   * A transfer counts when the target lists what was sent, by identity; one look for all streams so
   * far.
   */
  private void proveReceived() throws InterruptedException {
    if (unproven.isEmpty()) {
      return;
    }
    Observation target = look(Side.TARGET);
    for (MemberSend member : unproven) {
      boolean there =
          target
              .member(member.path())
              .flatMap(m -> PairView.snapshot(m, member.id().orElseThrow()))
              .isPresent();
      if (!there) {
        throw new IncompleteTransferException(
            pair.target().name().child(member.path())
                + " on "
                + pair.endpoint(Side.TARGET).host()
                + " does not hold "
                + member.snapshot()
                + " ("
                + member.id().orElseThrow()
                + "), although both commands of its transfer succeeded; nothing was rotated. Run"
                + " again",
            null);
      }
    }
    unproven.clear();
    view = view.with(Side.TARGET, target);
  }

  // ------------------------------------------------------------------ records and reports

  private void record(SyncStep.RecordState step, RecordingRunner runner)
      throws InterruptedException {
    states.write(step, states.synced(step, view, bytes, streaming), runner);
  }

  /** Leaves word of a failure with the source, as well as that goes. */
  public void recordFailure(ReplicationException failure) throws InterruptedException {
    states.writeFailure(failure);
  }

  /** The report of a plan that was run to its end. */
  public SyncReport report() {
    return report(Outcome.SYNCED, Optional.empty(), Optional.empty());
  }

  /** The report of a plan that stopped at a divergence. */
  public SyncReport report(DivergedException diverged) {
    return report(Outcome.BLOCKED, Optional.of(diverged.conflict()), Optional.empty());
  }

  /** The report of a plan that failed. */
  public SyncReport report(Throwable failure) {
    return report(
        Outcome.FAILED, Optional.empty(), Optional.of(String.valueOf(failure.getMessage())));
  }

  private SyncReport report(
      Outcome outcome, Optional<Conflict> conflict, Optional<String> failure) {
    Optional<Version> common = view.commonRoot();
    return new SyncReport(
        pair.pair(),
        pair.endpoint(Side.SOURCE),
        pair.endpoint(Side.TARGET),
        outcome,
        common.map(Version::id),
        common.flatMap(Version::createdAt),
        startedAt,
        pair.clock().instant(),
        bytes,
        found,
        reports,
        Stream.concat(plan.warnings().stream(), lock.warnings().stream()).toList(),
        conflict,
        failure);
  }
}
