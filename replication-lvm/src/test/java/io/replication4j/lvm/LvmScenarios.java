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
import io.replication4j.NotFoundException;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncStep;
import io.replication4j.Verification;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What only volumes have: stores that overflow, devices that are open, groups that are full. */
abstract class LvmScenarios {

  private World world;
  private FilesystemName from;
  private FilesystemName to;

  /** Two hosts with an empty volume group each. */
  abstract World open() throws Exception;

  /** Makes a volume of so many mebibytes that holds zeroes. */
  abstract void createLarge(Site site, FilesystemName volume, int mebibytes) throws Exception;

  /** Overwrites the whole volume with something else. */
  abstract void overwrite(Site site, FilesystemName volume) throws Exception;

  /**
   * Overwrites about three quarters of what the volume's first snapshot can keep, each round
   * elsewhere; nothing of what the volume is known by.
   */
  abstract void overwrite(Site site, FilesystemName volume, int round) throws Exception;

  /** Flips a bit of a volume that nothing knows of: below it, as a disk does. */
  abstract void flipBit(Site site, FilesystemName volume, long offset) throws Exception;

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

  @Tag("variant")
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

  @Tag("variant")
  @Test
  void zeroesOfAWholeVolumeDoNotTravel() throws Exception {
    from = world.source().name("large");
    createLarge(world.source(), from, 40);
    world.source().write(from, "file", "one");
    overwrite(world.source(), from);
    SyncReport full = sync();
    assertEquals(Outcome.SYNCED, full.outcome());
    assertTrue(full.bytes() > 1 << 20 && full.bytes() < 9 << 20, () -> "" + full.bytes());
    assertEqual();
    assertEquals(List.of(), verify().differences());
    world.source().write(from, "file", "two");
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEqual();
  }

  @Tag("variant")
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

  private static SyncPolicy comparing(OnDivergence choice) {
    return SyncPolicy.builder(choice).onBrokenChain(SyncPolicy.OnBrokenChain.COMPARE).build();
  }

  @Test
  void aBrokenChainIsMendedByWhatDiffers() throws Exception {
    SyncReport full = sync();
    overwrite(world.source(), from);
    assertInstanceOf(Conflict.BrokenChain.class, sync().conflict().orElseThrow());
    SyncPolicy compare = comparing(OnDivergence.REFUSE);
    SyncPlan.Transfer plan = assertInstanceOf(SyncPlan.Transfer.class, pair(compare).plan());
    assertTrue(
        plan.steps().stream()
            .filter(planned -> planned.step() instanceof SyncStep.Send)
            .flatMap(planned -> planned.commands().stream())
            .anyMatch(command -> command.text().contains("sha256sum")),
        plan::toString);
    SyncReport mended = pair(compare).execute(plan, SyncListener.NONE);
    assertEquals(Outcome.SYNCED, mended.outcome());
    assertEqual();
    assertTrue(mended.bytes() < full.bytes() * 3 / 4, () -> full.bytes() + " " + mended.bytes());
    assertEquals(List.of(), verify().differences());
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  @Tag("variant")
  @Test
  void whatTheTargetHoldsOfItsOwnIsNotLostInAComparison() throws Exception {
    sync();
    overwrite(world.source(), from);
    world.target().write(to, "own", "change");
    Map<String, String> changed = world.target().content(to);
    SyncReport refused = sync(comparing(OnDivergence.REFUSE));
    assertInstanceOf(Conflict.Diverged.class, refused.conflict().orElseThrow());
    assertEquals(changed, world.target().content(to));
    assertEquals(Outcome.SYNCED, sync(comparing(OnDivergence.ROLL_BACK)).outcome());
    assertEqual();
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

  @Test
  void theBaseOfATargetThatIsAwayGrowsWithTheSyncsOfAnother() throws Exception {
    ReplicationPair away = pairTo("away", world.target().name("copy-away"));
    assertEquals(Outcome.SYNCED, away.sync(SyncListener.NONE).outcome());
    sync();
    for (int round = 1; round <= 2; round++) {
      overwrite(world.source(), from, round);
      assertEquals(Outcome.SYNCED, sync().outcome());
      assertEqual();
    }
    SyncReport back = away.sync(SyncListener.NONE);
    assertEquals(Outcome.SYNCED, back.outcome(), back::toString);
    assertEquals(
        world.source().content(from), world.target().content(world.target().name("copy-away")));
  }

  private ReplicationPair pairTo(String name, FilesystemName target) {
    Site here = world.source();
    Site there = world.target();
    return ReplicationPair.builder(name)
        .source(Filesystem.of(here.backend(here.runner()), from))
        .target(Filesystem.of(there.backend(there.runner()), target))
        .policy(SyncPolicy.refusing())
        .build();
  }

  @Test
  void aSnapshotThatFillsWhileItIsSentGrowsMeanwhile() throws Exception {
    sync();
    world.source().write(from, "file", "two");
    SyncListener writer =
        new SyncListener() {
          @Override
          public void beforeStep(String pair, SyncStep step) {
            if (step instanceof SyncStep.Send) {
              try {
                overwrite(world.source(), from, 1);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };
    assertEquals(Outcome.SYNCED, pair(SyncPolicy.refusing()).sync(writer).outcome());
    overwrite(world.source(), from, 2); // as much again: it would have overflowed
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEqual();
  }

  private int versions() throws InterruptedException {
    Site here = world.source();
    return Filesystem.of(here.backend(here.runner()), from).versions().size();
  }

  @Tag("variant")
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

  private Verification verify() throws InterruptedException {
    return pair(SyncPolicy.refusing()).verify(SyncListener.NONE);
  }

  @Tag("variant")
  @Test
  void aTargetIsProvenToHoldWhatWasSentWhateverTheSourceIsNow() throws InterruptedException {
    SyncReport sent = sync();
    world.source().write(from, "file", "two");
    Verification verification = verify();
    assertEquals(List.of(), verification.differences());
    assertEquals(Verification.Evidence.READ, verification.evidence());
    assertEquals(sent.base(), Optional.of(verification.version()));
    assertEquals(sent.asOf(), verification.asOf());
    assertTrue(verification.bytesCompared() > 0);
    assertEquals(Set.of(), world.source().leftovers());
    assertEquals(Outcome.SYNCED, sync().outcome());
  }

  @Test
  void aBitThatADiskFlippedIsFoundAndLocated() throws Exception {
    sync();
    flipBit(world.target(), to, 700_001);
    Verification verification = verify();
    assertEquals(
        List.of(new Verification.Difference.Range("", 700_001 / 4096 * 4096, 4096)),
        verification.differences());
    assertEquals(4096, verification.differingBytes());
    assertEquals(Outcome.UP_TO_DATE, sync().outcome(), "LVM knows nothing of it");
  }

  @Tag("variant")
  @Test
  void aTargetThatSomebodyWroteToDiffersWhereThatWas() throws Exception {
    sync();
    world.target().write(to, "own", "change");
    assertEquals(4096, verify().differingBytes());
    world.target().write(to, "another", "change");
    assertEquals(1, verify().differences().size(), "neighbours are one range");
    assertEquals(8192, verify().differingBytes());
  }

  @Tag("variant")
  @Test
  void withoutACommonVersionThereIsNothingToVerify() {
    assertThrows(NotFoundException.class, this::verify);
  }
}
