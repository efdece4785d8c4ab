package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NoSpaceException;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What only volumes have: stores that overflow, devices that are open, groups that are full. */
abstract class LvmScenarios {

  private World world;
  private FilesystemName from;
  private FilesystemName to;

  /** Two hosts with an empty volume group each. */
  abstract World open() throws Exception;

  /** Overwrites the whole volume with something else. */
  abstract void overwrite(Site site, FilesystemName volume) throws Exception;

  /** Keeps the volume open until it is closed. */
  abstract AutoCloseable keepOpen(Site site, FilesystemName volume) throws Exception;

  /** Takes what is free in the group, until it is closed. */
  abstract AutoCloseable fill(Site site) throws Exception;

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

  private ReplicationPair pair(SyncPolicy policy) {
    Site here = world.source();
    Site there = world.target();
    return ReplicationPair.builder("data-dr")
        .source(Filesystem.of(here.backend(here.runner()), from))
        .target(Filesystem.of(there.backend(there.runner()), to))
        .policy(policy)
        .build();
  }

  private SyncReport sync(SyncPolicy policy) throws InterruptedException {
    return pair(policy).sync(SyncListener.NONE);
  }

  private SyncReport sync() throws InterruptedException {
    return sync(SyncPolicy.refusing());
  }

  private void assertEqual() {
    assertEquals(world.source().content(from), world.target().content(to));
  }

  @Test
  void anIncrementIsAsLargeAsWhatChangedAndAnIdleOneIsNothing() throws InterruptedException {
    SyncReport full = sync();
    assertEquals(Outcome.SYNCED, full.outcome());
    assertEqual();
    world.source().write(from, "file", "two");
    world.source().write(from, "another", "new");
    SyncReport increment = sync();
    assertEquals(Outcome.SYNCED, increment.outcome());
    assertTrue(increment.bytes() < full.bytes() / 10, () -> full.bytes() + " " + increment.bytes());
    assertEqual();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  @Test
  void aWrittenTargetIsRefusedThenRolledBack() throws InterruptedException {
    sync();
    world.target().write(to, "own", "change");
    world.source().write(from, "file", "two");
    Map<String, String> changed = world.target().content(to);
    assertInstanceOf(Conflict.Diverged.class, sync().conflict().orElseThrow());
    assertEquals(changed, world.target().content(to));
    SyncPolicy rollBack = SyncPolicy.builder(OnDivergence.ROLL_BACK).build();
    assertEquals(Outcome.SYNCED, sync(rollBack).outcome());
    assertEqual();
  }

  @Test
  void aBaseThatOverflowedBreaksTheChainAndIsNeverAFullSendUnasked() throws Exception {
    sync();
    overwrite(world.source(), from);
    Map<String, String> before = world.target().content(to);
    SyncReport broken = sync();
    assertInstanceOf(Conflict.BrokenChain.class, broken.conflict().orElseThrow());
    assertEquals(before, world.target().content(to));
    SyncPolicy anew =
        SyncPolicy.builder(OnDivergence.KEEP_ASIDE)
            .onBrokenChain(SyncPolicy.OnBrokenChain.FULL)
            .build();
    assertEquals(Outcome.SYNCED, sync(anew).outcome());
    assertEqual();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  @Test
  void aTargetThatIsOpenIsRefusedBeforeAnythingIsDone() throws Exception {
    sync();
    world.source().write(from, "file", "two");
    int snapshots = versions();
    try (AutoCloseable reader = keepOpen(world.target(), to)) {
      assertThrows(BusyException.class, this::sync);
      assertEquals(snapshots, versions());
    }
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEqual();
  }

  private int versions() throws InterruptedException {
    Site here = world.source();
    return Filesystem.of(here.backend(here.runner()), from).versions().size();
  }

  @Test
  void aFullGroupAtTheTargetIsSaidToBeFull() throws Exception {
    sync();
    world.source().write(from, "file", "two");
    try (AutoCloseable hog = fill(world.target())) {
      NoSpaceException e = assertThrows(NoSpaceException.class, this::sync);
      assertTrue(Optional.ofNullable(e.getMessage()).orElse("").contains("volume group"));
    }
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEqual();
  }
}
