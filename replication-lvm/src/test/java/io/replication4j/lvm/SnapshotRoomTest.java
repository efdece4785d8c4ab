package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NoSpaceException;
import io.replication4j.OnDivergence;
import io.replication4j.Quiesce;
import io.replication4j.ReplicationGroup;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncStep;
import io.replication4j.TransferProgress;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is done so that snapshots do not overflow, in syncs. */
class SnapshotRoomTest {

  private static final long EXTENT = 64 << 10;

  private final FakeLvmWorld world = FakeLvmWorld.open(LvmOptions.defaults(), Clock.systemUTC());
  private final FakeLvm here = (FakeLvm) world.source().runner();
  private final FakeLvm there = (FakeLvm) world.target().runner();
  private final FilesystemName from = world.source().name("data");

  @BeforeEach
  void create() {
    world.source().create(from);
  }

  private ReplicationPair pair(String name, SyncPolicy policy) {
    return ReplicationPair.builder(name)
        .source(Filesystem.of(LvmBackend.on(here), from))
        .target(Filesystem.of(LvmBackend.on(there), world.target().name("copy-" + name)))
        .policy(policy)
        .build();
  }

  private void sync(String name) throws InterruptedException {
    SyncReport report = pair(name, SyncPolicy.refusing()).sync(SyncListener.NONE);
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
    assertEquals(
        world.source().content(from), world.target().content(world.target().name("copy-" + name)));
  }

  @Test
  void theNextSnapshotIsAsLargeAsWhatChangedSuggests() throws InterruptedException {
    sync("dr");
    assertEquals(4 * EXTENT, here.bytes("data.sent-dr")); // 20 %
    here.scribble("data", 30); // and two chunks of metadata: half of it
    sync("dr");
    assertEquals(8 * EXTENT, here.bytes("data.sent-dr"));
  }

  @Test
  void theBaseOfATargetThatIsAwayOutlivesTheSyncsOfAnother() throws InterruptedException {
    sync("away");
    sync("dr");
    for (int round = 1; round <= 4; round++) {
      here.scribble("data", 50 * round);
      sync("dr");
    }
    assertTrue(here.bytes("data.sent-away") > 8 * EXTENT, () -> here.toString());
    SyncReport back = pair("away", SyncPolicy.refusing()).sync(SyncListener.NONE);
    assertEquals(Outcome.SYNCED, back.outcome(), back::toString);
  }

  @Test
  void aPlanShowsWhatIsEnlargedAndChangesNothing() throws InterruptedException {
    sync("away");
    sync("dr");
    here.scribble("data", 50);
    SyncPlan.Transfer plan = (SyncPlan.Transfer) pair("dr", SyncPolicy.refusing()).plan();
    List<String> snapshot =
        plan.steps().stream()
            .filter(planned -> planned.step() instanceof SyncStep.CreateSnapshot)
            .flatMap(planned -> planned.commands().stream())
            .map(command -> command.text())
            .toList();
    assertTrue(snapshot.get(0).contains("lvextend"), snapshot::toString);
    assertTrue(snapshot.get(0).contains("vg/data.sent-away"), snapshot::toString);
    assertEquals(4 * EXTENT, here.bytes("data.sent-away"));
  }

  @Test
  void aGroupMakesRoomOnceForAllItsSnapshots() throws InterruptedException {
    sync("one");
    sync("two");
    here.scribble("data", 50);
    List<ReplicationPair> pairs =
        List.of(pair("one", SyncPolicy.refusing()), pair("two", SyncPolicy.refusing()));
    List<SyncReport> reports = ReplicationGroup.of(pairs).sync(Quiesce.NONE, 1, SyncListener.NONE);
    assertTrue(reports.stream().allMatch(SyncReport::succeeded), reports::toString);
  }

  /** Overwrites the source between the new snapshot and its transfer. */
  private final class Writing implements SyncListener {

    private final int chunks;
    private final boolean groupIsFull;
    private final List<TransferProgress> compared = new ArrayList<>();

    Writing(int chunks, boolean groupIsFull) {
      this.chunks = chunks;
      this.groupIsFull = groupIsFull;
    }

    @Override
    public void beforeStep(String pair, SyncStep step) {
      if (step instanceof SyncStep.Send) {
        if (groupIsFull) {
          here.fill("hog");
        }
        here.scribble("data", chunks);
      }
    }

    @Override
    public void comparing(TransferProgress progress) {
      compared.add(progress);
    }
  }

  @Test
  void aSnapshotThatFillsDuringItsTransferIsEnlarged() throws InterruptedException {
    sync("dr");
    world.source().write(from, "file", "two");
    SyncReport report = pair("dr", SyncPolicy.refusing()).sync(new Writing(60, false)); // of 64
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
    assertTrue(here.bytes("data.sent-dr") > 4 * EXTENT, here::toString);
  }

  @Test
  void whereTheGroupIsFullTheTransferStopsBeforeTheSnapshotIsLost() throws InterruptedException {
    sync("dr");
    world.source().write(from, "file", "two");
    ReplicationPair pair = pair("dr", SyncPolicy.refusing());
    assertThrows(NoSpaceException.class, () -> pair.sync(new Writing(60, true)));
    here.removeVolume("hog");
    sync("dr"); // the base is still there
  }

  // ------------------------------------------------------------------ comparing

  private ReplicationPair comparing() {
    return pair(
        "dr", SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.COMPARE).build());
  }

  private void loseBase() throws InterruptedException {
    sync("dr");
    here.scribble("data", 100);
  }

  @Test
  void aComparisonSaysHowFarItIs() throws InterruptedException {
    loseBase();
    Writing writing = new Writing(0, false);
    assertEquals(Outcome.SYNCED, comparing().sync(writing).outcome());
    assertFalse(writing.compared.isEmpty());
    TransferProgress last = writing.compared.get(writing.compared.size() - 1);
    assertEquals(FakeLvm.VOLUME_BYTES, last.bytes());
    assertEquals(Optional.of(FakeLvm.VOLUME_BYTES), last.estimatedBytes());
  }

  @Test
  void theNewSnapshotIsEnlargedWhileItIsComparedAndTheReportSaysSo() throws InterruptedException {
    loseBase();
    SyncReport report = comparing().sync(new Writing(60, false));
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
    assertTrue(
        report.steps().stream()
            .flatMap(step -> step.commands().stream())
            .anyMatch(command -> command.toString().contains("lvextend")),
        report::toString);
  }

  @Test
  void aComparisonStopsBeforeTheNewSnapshotIsLost() throws InterruptedException {
    loseBase();
    assertThrows(NoSpaceException.class, () -> comparing().sync(new Writing(60, true)));
  }
}
