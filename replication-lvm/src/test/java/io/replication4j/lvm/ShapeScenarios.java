package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.Snapshot;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.UnsupportedException;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Volumes of one kind sent to volumes of the same or the other, and volumes whose size changes. */
abstract class ShapeScenarios {

  static final long MORE = 1 << 20;

  World world;
  FilesystemName from;
  FilesystemName to;

  abstract World open() throws Exception;

  /** Makes a volume larger. */
  abstract void extend(Site site, FilesystemName volume, long more) throws Exception;

  @BeforeEach
  final void openWorld() throws Exception {
    world = open();
    from = world.source().name("data");
    to = world.target().name("copy");
    world.source().create(from);
    world.source().write(from, "file", "one");
  }

  @AfterEach
  final void closeWorld() {
    world.close();
  }

  SyncReport sync(SyncPolicy policy) throws InterruptedException {
    Site here = world.source();
    Site there = world.target();
    return ReplicationPair.builder("data-dr")
        .source(Filesystem.of(here.backend(here.runner()), from))
        .target(Filesystem.of(there.backend(there.runner()), to))
        .policy(policy)
        .build()
        .sync(SyncListener.NONE);
  }

  SyncReport sync() throws InterruptedException {
    return sync(SyncPolicy.refusing());
  }

  void assertSynced() throws InterruptedException {
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEqual();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  private void assertEqual() {
    assertEquals(world.source().content(from), world.target().content(to));
  }

  @Tag("variant")
  @Test
  void fullIncrementAndIdle() throws InterruptedException {
    assertSynced();
    world.source().write(from, "file", "two");
    world.source().write(from, "another", "new");
    assertSynced();
    world.source().delete(from, "file");
    assertSynced();
  }

  @Test
  void aWrittenTargetIsRefusedThenRolledBack() throws InterruptedException {
    sync();
    world.target().write(to, "own", "change");
    world.source().write(from, "file", "two");
    Map<String, String> changed = world.target().content(to);
    assertInstanceOf(Conflict.Diverged.class, sync().conflict().orElseThrow());
    assertEquals(changed, world.target().content(to));
    assertEquals(Outcome.SYNCED, rollBack().outcome());
    assertEqual();
    world.source().write(from, "file", "three");
    assertSynced();
  }

  @Test
  void aGrownSourceGrowsTheTarget() throws Exception {
    sync();
    extend(world.source(), from, MORE);
    assertSynced();
    world.source().write(from, "file", "two");
    assertSynced();
    extend(world.source(), from, MORE);
    world.source().write(from, "file", "three");
    assertSynced();
  }

  @Tag("variant")
  @Test
  void aTargetThatIsLargerThanItsVersionHasDiverged() throws Exception {
    sync();
    extend(world.target(), to, MORE);
    world.source().write(from, "file", "two");
    Map<String, String> before = world.target().content(to);
    assertInstanceOf(Conflict.Diverged.class, sync().conflict().orElseThrow());
    assertEquals(before, world.target().content(to));
  }

  @Tag("variant")
  @Test
  void aLostBaseIsReplacedByAComparison() throws Exception {
    sync();
    loseBase();
    world.source().write(from, "file", "two");
    assertInstanceOf(Conflict.BrokenChain.class, sync().conflict().orElseThrow());
    assertEquals(Outcome.SYNCED, compare().outcome());
    assertEqual();
    world.source().write(from, "file", "three");
    assertSynced();
  }

  @Tag("variant")
  @Test
  void aSourceThatGrewAndLostItsBaseIsComparedAsFarAsTheTargetReaches() throws Exception {
    sync();
    loseBase();
    extend(world.source(), from, MORE);
    world.source().write(from, "file", "two");
    assertEquals(Outcome.SYNCED, compare().outcome());
    assertEqual();
    world.source().write(from, "file", "three");
    assertSynced();
  }

  private void loseBase() throws InterruptedException {
    Filesystem source = Filesystem.of(world.source().backend(world.source().runner()), from);
    for (Snapshot snapshot : source.snapshots()) {
      source.destroy(snapshot);
    }
  }

  private SyncReport compare() throws InterruptedException {
    return sync(
        SyncPolicy.builder(OnDivergence.REFUSE)
            .onBrokenChain(SyncPolicy.OnBrokenChain.COMPARE)
            .build());
  }

  static void assertSaysSmaller(UnsupportedException e) {
    assertTrue(Optional.ofNullable(e.getMessage()).orElse("").contains("smaller"), e::toString);
  }

  SyncReport rollBack() throws InterruptedException {
    return sync(SyncPolicy.builder(OnDivergence.ROLL_BACK).build());
  }
}
