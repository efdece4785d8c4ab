package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationException;
import io.replication4j.SnapshotNames;
import io.replication4j.StalePlanException;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.StepReport;
import io.replication4j.SyncStep;
import io.replication4j.TransferStalledException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** What arrived of a stream that was cut is not moved again, and nothing else is taken for it. */
public abstract class ResumeContract extends PairTest {

  /** At how many places each stream is cut. */
  protected int parts() {
    return 8;
  }

  /** Before the first sync. */
  protected void prepare(FilesystemName source) throws Exception {}

  /**
   * Writes so much that parts of a stream arrive before the whole does; something new each time.
   */
  protected abstract void fill(FilesystemName source) throws Exception;

  /** How much of what was read from the sender may have been lost on its way. */
  protected abstract long mostLost();

  /** Whether increments are resumed, too. Default: they are. */
  protected boolean resumesIncrements() {
    return true;
  }

  /** Changes a byte of what the target has kept, at half of it. */
  protected abstract void damage() throws Exception;

  /** A first stream, cut at each of its parts. */
  @TestFactory
  final Stream<DynamicTest> aFirstStream() throws Exception {
    return cuts(false);
  }

  /** An increment, cut at each of its parts. */
  @TestFactory
  final Stream<DynamicTest> anIncrement() throws Exception {
    return cuts(true);
  }

  private Stream<DynamicTest> cuts(boolean increment) throws Exception {
    begin(increment);
    Run undisturbed = new Run();
    long whole = undisturbed.sync().bytes();
    long sent = undisturbed.script.streamLengths().get(0);
    List<DynamicTest> tests = new ArrayList<>();
    for (int part = 1; part <= parts(); part++) {
      long offset = sent * part / parts() - 1;
      for (Fault.Kind kind : Fault.Kind.values()) {
        Fault fault = new Fault.CutSender(1, offset, kind);
        tests.add(
            DynamicTest.dynamicTest(
                fault.toString(), () -> resumes(increment, fault, offset, whole)));
      }
    }
    return tests.stream();
  }

  /** What is to be sent is there: an increment, or all. */
  protected final void begin(boolean increment) throws Exception {
    reopen();
    name(); // a new world may be elsewhere
    createTree("");
    prepare(from);
    if (increment) {
      write("", "file", "before");
      assertTrue(sync().succeeded());
    }
    fill(from);
  }

  private void resumes(boolean increment, Fault fault, long offset, long whole) throws Exception {
    begin(increment);
    cut(fault);
    SyncReport report = sync();
    assertTrue(report.succeeded(), report::toString);
    StepReport resumed = firstStream(report);
    assertEquals(whole, resumed.bytes() + resumed.bytesFound(), () -> "whole of " + resumed);
    boolean kept = !increment || resumesIncrements();
    assertTrue(
        kept ? resumed.bytesFound() >= offset - mostLost() : resumed.bytesFound() == 0,
        () -> "found " + resumed.bytesFound() + " of " + offset);
    assertInSync(PAIR, to);
  }

  private void cut(Fault fault) {
    Run disturbed = new Run(fault);
    RuntimeException e = assertThrows(RuntimeException.class, disturbed::sync);
    assertTrue(e instanceof SimulatedCrash || e instanceof ReplicationException, e::toString);
    assertTrue(disturbed.script.wasHit());
  }

  private static StepReport firstStream(SyncReport report) {
    return report.steps().stream()
        .filter(step -> step.step() instanceof SyncStep.Send)
        .findFirst()
        .orElseThrow();
  }

  /** The stream that is compared is cut as well: what had arrived stays. */
  @Test
  final void whatArrivedOutlivesASecondCut() throws Exception {
    begin(false);
    Run undisturbed = new Run();
    long whole = undisturbed.sync().bytes();
    long sent = undisturbed.script.streamLengths().get(0);
    begin(false);
    cut(new Fault.CutSender(1, sent * 3 / 4, Fault.Kind.CONNECTION_LOST));
    cut(new Fault.CutSender(1, sent / 4, Fault.Kind.CONNECTION_LOST));
    StepReport resumed = firstStream(sync());
    assertTrue(resumed.bytesFound() >= sent * 3 / 4 - mostLost(), resumed::toString);
    assertEquals(whole, resumed.bytes() + resumed.bytesFound());
    assertInSync(PAIR, to);
  }

  /** What happens between two syncs. */
  protected interface Meanwhile {
    void happens() throws Exception;
  }

  /** The stream of the next sync, after one was cut at {@code offset}; both sides are in sync. */
  protected final StepReport resumed(long offset, Meanwhile meanwhile) throws Exception {
    cut(new Fault.CutSender(1, offset, Fault.Kind.CONNECTION_LOST));
    meanwhile.happens();
    StepReport resumed = firstStream(sync());
    assertInSync(PAIR, to);
    return resumed;
  }

  /** What is written to the source while nobody sends is no part of the stream that was cut. */
  @Test
  final void aSourceThatIsWrittenToMeanwhileIsResumed() throws Exception {
    begin(true);
    Run undisturbed = new Run();
    long whole = undisturbed.sync().bytes();
    long sent = undisturbed.script.streamLengths().get(0);
    begin(true);
    StepReport resumed = resumed(sent * 3 / 4, this::writeMore);
    if (resumesIncrements()) {
      assertTrue(resumed.bytesFound() >= sent * 3 / 4 - mostLost(), resumed::toString);
      assertEquals(whole, resumed.bytes() + resumed.bytesFound());
    }
  }

  protected final void syncOnce() throws Exception {
    sync();
  }

  /** What nobody sent yet. */
  protected final void writeMore() throws Exception {
    write("", "file", "meanwhile");
    write("", "other", "meanwhile");
  }

  /** What differs is moved again, with what is behind it. */
  @Test
  final void whatWasDamagedIsMovedAgain() throws Exception {
    begin(false);
    Run undisturbed = new Run();
    long whole = undisturbed.sync().bytes();
    long sent = undisturbed.script.streamLengths().get(0);
    begin(false);
    cut(new Fault.CutSender(1, sent - 1, Fault.Kind.CONNECTION_LOST));
    damage();
    StepReport resumed = firstStream(sync());
    assertTrue(resumed.bytes() >= whole / 3, resumed::toString);
    assertInSync(PAIR, to);
  }

  /** A target that does not say what it has kept ends the sync, and loses nothing. */
  @Test
  @Timeout(300)
  final void aTargetThatDoesNotAnswerIsNotWaitedForWithoutEnd() throws Exception {
    begin(false);
    Run undisturbed = new Run();
    undisturbed.sync();
    long sent = undisturbed.script.streamLengths().get(0);
    Fault early = new Fault.CutSender(1, sent * 3 / 4, Fault.Kind.CONNECTION_LOST);
    begin(false);
    cut(early);
    Run resuming = new Run();
    resuming.sync();
    begin(false);
    cut(early);
    Run stalled = new Run(new Fault.Hang(comparison(resuming)));
    SyncPolicy impatient = refusing().toBuilder().stallTimeout(Duration.ofSeconds(2)).build();
    assertThrows(
        TransferStalledException.class, () -> stalled.pair(impatient).sync(SyncListener.NONE));
    assertTrue(stalled.script.wasHit());
    StepReport resumed = firstStream(sync());
    assertTrue(resumed.bytesFound() >= sent * 3 / 4 - mostLost(), resumed::toString);
    assertInSync(PAIR, to);
  }

  /** The number of the command that reads what is kept. */
  private static int comparison(Run run) {
    return run.script.log().entries().stream()
        .filter(
            entry ->
                entry.command().argv().stream().anyMatch(w -> w.contains("--filter=sha256sum")))
        .findFirst()
        .orElseThrow()
        .number();
  }

  /** What is kept is of no use without the base that it follows. */
  @Test
  final void aPlanThatResumesIsRefusedWhenTheBaseIsGone() throws Exception {
    begin(true);
    Run undisturbed = new Run();
    undisturbed.sync();
    long sent = undisturbed.script.streamLengths().get(0);
    begin(true);
    cut(new Fault.CutSender(1, sent / 2, Fault.Kind.CONNECTION_LOST));
    SyncPlan plan = new Run().pair(refusing()).plan();
    loseBaseOfTarget();
    assertThrows(
        StalePlanException.class,
        () -> new Run().pair(refusing()).execute(plan, SyncListener.NONE));
  }

  protected void loseBaseOfTarget() throws Exception {
    Filesystem target = Filesystem.of(backend(target(), FaultScript.of()), to);
    target.destroy(target.snapshot(SnapshotNames.ofPair(PAIR).sent()));
  }

  /** What is kept of a version that is gone is thrown away in the same sync. */
  @Test
  final void whatCannotBeResumedIsThrownAway() throws Exception {
    begin(false);
    Run undisturbed = new Run();
    undisturbed.sync();
    long sent = undisturbed.script.streamLengths().get(0);
    begin(false);
    cut(new Fault.CutSender(1, sent / 2, Fault.Kind.CONNECTION_LOST));
    Filesystem source = Filesystem.of(backend(source(), FaultScript.of()), from);
    source.destroy(source.snapshot(SnapshotNames.ofPair(PAIR).tosend()));
    SyncReport report = sync();
    assertEquals(0, report.bytesFound());
    assertInSync(PAIR, to);
  }
}
