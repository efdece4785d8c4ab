package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NotFoundException;
import io.replication4j.OnDivergence;
import io.replication4j.OverlapException;
import io.replication4j.PairState;
import io.replication4j.Quiesce;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationGroup;
import io.replication4j.ReplicationJson;
import io.replication4j.ReplicationPair;
import io.replication4j.Role;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SnapshotNames;
import io.replication4j.StalePlanException;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncStatus;
import io.replication4j.SyncStep;
import io.replication4j.TransferProgress;
import io.replication4j.TransferStalledException;
import io.replication4j.UnsupportedException;
import io.replication4j.Verification;
import io.replication4j.VersionId;
import io.replication4j.command.CommandTimeoutException;
import io.replication4j.spi.StorageBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What whole syncs must do, on whatever storage. */
public abstract class SyncContract extends PairTest {

  private static final SnapshotNames NAMES = SnapshotNames.ofPair(PAIR);

  /** What is at the target, compared with what was sent. */
  @Nested
  class Verifications {

    private Verification verify() throws InterruptedException {
      return new Run().pair(refusing()).verify(SyncListener.NONE);
    }

    @Tag(VARIANT)
    @Test
    void aTargetHoldsWhatWasSentWhateverTheSourceIsNow() throws InterruptedException {
      createTree("", "a");
      write("a", "file", "one");
      SyncReport sent = sync();
      write("a", "file", "two");
      Verification verification = verify();
      assertEquals(List.of(), verification.differences());
      assertEquals(sent.base(), Optional.of(verification.version()));
      assertEquals(sent.asOf(), verification.asOf());
      assertEquals(Outcome.SYNCED, sync().outcome());
      assertInSync(PAIR, to);
    }

    @Test
    void aTargetThatWasWrittenToDiffersThere() throws InterruptedException {
      createTree("", "a");
      write("a", "file", "one");
      sync();
      String member = world().hasChildren() ? "a" : "";
      target().write(to.child(member), "own", "change");
      Map<String, Map<String, String>> before = liveContents(target(), to);
      Verification verification = verify();
      assertEquals(
          List.of(member),
          verification.differences().stream()
              .map(Verification.Difference::member)
              .distinct()
              .toList());
      assertEquals(before, liveContents(target(), to));
    }

    @Tag(VARIANT)
    @Test
    void whatWasNeverSentCannotBeVerified() throws InterruptedException {
      createTree("");
      assertThrows(NotFoundException.class, this::verify);
    }

    @Tag(LOCAL)
    @Test
    void aTargetWhoseMembersAreOfTwoRoundsIsToBeSyncedFirst() throws InterruptedException {
      assumeChildren();
      createTree("", "a");
      write("a", "file", "one");
      sync();
      write("a", "file", "two");
      Filesystem here = Filesystem.of(source().backend(source().runner()), from);
      Filesystem there = Filesystem.of(target().backend(target().runner()), to);
      here.createTreeSnapshot(NAMES.tosend());
      here.send(here.snapshot(NAMES.tosend())).from(here.snapshot(NAMES.sent())).to(there);
      assertThrows(IncompleteTransferException.class, this::verify);
      assertEquals(Outcome.SYNCED, sync().outcome());
      assertTrue(verify().isEqual());
    }

    @Tag(LOCAL)
    @Test
    void aChildOfTheTargetAloneDiffersUnlessThePolicyKeepsSuch() throws InterruptedException {
      assumeChildren();
      createTree("", "a");
      sync();
      target().create(to.child("own"));
      SyncPolicy destroying =
          refusing().toBuilder().onRemovedChild(SyncPolicy.OnRemovedChild.DESTROY).build();
      Verification verification = new Run().pair(destroying).verify(SyncListener.NONE);
      assertTrue(
          verification.differences().stream().anyMatch(d -> d.member().equals("own")),
          verification::toString);
      assertEquals(independent(), verify().isEqual());
    }

    @Tag(LOCAL)
    @Test
    void whatAStoppedOneLeavesTheNextOneRemoves() throws InterruptedException {
      beginChangedTarget();
      for (int command = 1; isStoppedAfter(command); command++) {
        assertFalse(verify().isEqual());
        assertEquals(Set.of(), source().leftovers());
        assertEquals(Set.of(), target().leftovers());
      }
    }

    @Tag(LOCAL)
    @Test
    void whatAStoppedOneLeavesTheNextSyncRemoves() throws InterruptedException {
      assumeVersions(); // else there is nothing to roll back to
      beginChangedTarget();
      for (int command = 1; isStoppedAfter(command); command++) {
        SyncReport report = sync(policy(OnDivergence.ROLL_BACK));
        assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
        assertInSync(PAIR, to);
        changeTarget();
      }
    }

    private void beginChangedTarget() throws InterruptedException {
      createTree("", "a");
      write("a", "file", "one");
      sync();
      changeTarget();
    }

    private void changeTarget() {
      target().write(to.child(world().hasChildren() ? "a" : ""), "own", "change");
    }

    /** Whether it has so many commands. */
    private boolean isStoppedAfter(int command) throws InterruptedException {
      Run stopped = new Run(new Fault.After(command, Fault.Kind.CRASH));
      try {
        stopped.pair(refusing()).verify(SyncListener.NONE);
      } catch (SimulatedCrash | ReplicationException e) {
        // what it left is what this is about
      }
      return stopped.script.wasHit();
    }
  }

  /** The ordinary rounds. */
  @Nested
  class Rounds {

    @Tag(VARIANT)
    @Test
    void theFirstSendsEverything() throws InterruptedException {
      createTree("", "a", "a/b");
      write("a/b", "file", "one");
      SyncReport report = sync();
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEquals(
          world().hasChildren() ? List.of("", "a", "a/b") : List.of(""), sentInFull(report));
      assertTrue(report.bytes() > 0);
      assertInSync(PAIR, to);
      assertEquals(id(source(), from, "", NAMES.sent()), report.base());
    }

    @Tag(VARIANT)
    @Test
    void theNextSendOnlyWhatChanged() throws InterruptedException {
      createTree("", "a");
      write("", "file", "one");
      sync();
      write("", "file", "two");
      source().delete(from, "gone");
      SyncReport report = sync();
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEquals(List.of(), sentInFull(report));
      assertInSync(PAIR, to);
    }

    @Tag(VARIANT)
    @Test
    void anotherNeedsNothingIfNothingChanged() throws InterruptedException {
      createTree("", "a");
      sync();
      SyncReport report = sync();
      assertEquals(Outcome.UP_TO_DATE, report.outcome());
      assertEquals(List.of(), report.steps());
      assertInSync(PAIR, to);
    }

    @Tag(VARIANT)
    @Test
    void aHundredRoundsLeaveNoMoreThanOne() throws InterruptedException {
      createTree("");
      sync();
      Map<String, List<String>> names = snapshotNames(target(), to);
      for (int i = 0; i < rounds(); i++) {
        write("", "file", "round " + i);
        assertEquals(List.of(), sentInFull(sync()));
      }
      assertEquals(names, snapshotNames(target(), to));
      assertEquals(names, snapshotNames(source(), from));
    }

    @Tag(LOCAL)
    @Test
    void aMissingParentOfTheTargetIsCreated() throws InterruptedException {
      assumeChildren();
      createTree("");
      write("", "file", "one");
      to = target().name("deep/below/copy");
      assertEquals(Outcome.SYNCED, sync().outcome());
      assertInSync(PAIR, to);
    }

    @Tag(VARIANT)
    @Test
    void aFilesystemAloneLeavesItsChildrenOut() throws InterruptedException {
      assumeChildren();
      createTree("", "a");
      write("", "file", "one");
      Run run = new Run();
      ReplicationPair alone =
          ReplicationPair.builder(PAIR)
              .source(Filesystem.of(run.here, from))
              .target(Filesystem.of(run.there, to))
              .policy(refusing())
              .clock(clock)
              .build();
      assertEquals(Outcome.SYNCED, alone.sync(SyncListener.NONE).outcome());
      assertEquals(source().content(from), target().content(to));
      assertFalse(target().exists(to.child("a")));
      assertEquals(Outcome.UP_TO_DATE, alone.sync(SyncListener.NONE).outcome());
    }

    @Tag(LOCAL)
    @Test
    void snapshotsOfOthersAreLeftAlone() throws InterruptedException {
      createTree("", "a");
      Filesystem filesystem = Filesystem.of(source().backend(source().runner()), from);
      filesystem.createTreeSnapshot("before");
      sync();
      write("a", "file", "one");
      filesystem.createTreeSnapshot("between");
      assertEquals(Outcome.SYNCED, sync().outcome());
      snapshotNames(source(), from)
          .values()
          .forEach(names -> assertTrue(names.containsAll(List.of("before", "between"))));
      assertInSync(PAIR, to);
    }
  }

  /** How many rounds a test of many takes: fewer where each costs seconds. */
  protected int rounds() {
    return 100;
  }

  /** How many commands a sync costs. */
  @Nested
  class Costs {

    @Tag(LOCAL)
    @Test
    void anIdleSyncIsOneListingPerHost() throws InterruptedException {
      createTree("", "a", "b", "c", "d", "e");
      sync();
      Run run = new Run();
      run.sync(); // what a host can do is found out once
      int before = run.script.log().size();
      long listings = run.listings();
      assertEquals(Outcome.UP_TO_DATE, run.sync().outcome());
      assertEquals(
          source().listingCommands() + target().listingCommands(),
          run.listings() - listings,
          run.script.log()::toString);
      assertEquals(0, run.locks(), run.script.log()::toString);
      assertTrue(
          run.script.log().size() - before <= 4 + run.listings() - listings,
          run.script.log()::toString); // a flush before, records after
    }

    @Test
    void anIdleGroupOfOneSourceIsOneListingPerHost() throws InterruptedException {
      createTree("", "a");
      Run run = new Run();
      ReplicationGroup group =
          ReplicationGroup.of(
              run.pair("one", target().name("copy-one"), refusing()),
              run.pair("two", target().name("copy-two"), refusing()));
      group.sync(Quiesce.NONE, 1, SyncListener.NONE);
      // an old ZFS knows its newest snapshot only: one pair then finds that of the other
      boolean knowsBoth =
          look(source(), from).member("").orElseThrow().live().versions().size() == 2;
      long listings = run.listings();
      assertEquals(
          List.of(knowsBoth ? Outcome.UP_TO_DATE : Outcome.SYNCED, Outcome.UP_TO_DATE),
          group.sync(Quiesce.NONE, 1, SyncListener.NONE).stream()
              .map(SyncReport::outcome)
              .toList());
      if (knowsBoth) {
        assertEquals(
            source().listingCommands() + target().listingCommands(),
            run.listings() - listings,
            run.script.log()::toString);
      }
    }

    @Tag(VARIANT)
    @Test
    void aChangedPairIsAFewCommandsWhateverTheNumberOfMembers() throws InterruptedException {
      createTree("", "a", "b", "c", "d", "e", "f", "g", "h");
      sync();
      Run run = new Run();
      run.sync();
      write("a", "file", "two");
      write("h", "file", "two");
      long commands = run.commands();
      long flushes = run.listings();
      assertEquals(Outcome.SYNCED, run.sync().outcome());
      assertEquals(2, run.script.log().streams(), run.script.log()::toString);
      assertEquals(1, run.locks(), run.script.log()::toString);
      assertTrue(
          run.listings(source()) <= mostListings() * source().listingCommands()
              && run.listings(target()) <= mostListings() * target().listingCommands(),
          run.script.log()::toString);
      assertTrue(flushes > 0);
      assertTrue(run.commands() - commands <= mostCommands(), run.script.log()::toString);
    }
  }

  /**
   * How often a host may be listed for a changed pair after an idle one: once idle, once to see
   * that there is work, once more under the lock, once before and once after the stream.
   */
  protected int mostListings() {
    return 5;
  }

  /**
   * What a changed pair may cost besides listings, stream and lock: 7, and a flush per host that
   * needs one.
   */
  protected int mostCommands() {
    return 9;
  }

  /** Children of the source that come, go and move. */
  @Nested
  class Children {

    @BeforeEach
    void needChildren() {
      assumeChildren();
    }

    @Tag(VARIANT)
    @Test
    void aNewOneComesWithTheIncrement() throws InterruptedException {
      createTree("", "a");
      sync();
      createTree("b", "b/c");
      write("b/c", "file", "one");
      SyncReport report = sync();
      assertEquals(List.of("b", "b/c"), sentInFull(report));
      assertInSync(PAIR, to);
    }

    @Tag(LOCAL)
    @Test
    void oneThatIsGoneIsKeptUnlessThePolicySaysOtherwise() throws InterruptedException {
      createTree("", "a", "b");
      write("b", "file", "one");
      sync();
      Map<String, String> last = target().content(to.child("b"));
      source().destroy(from.child("b"));
      assertEquals(Outcome.SYNCED, sync().outcome());
      assertInSync(PAIR, to);
      if (independent()) {
        assertEquals(last, target().content(to.child("b")));
      } else {
        assertFalse(target().exists(to.child("b")));
      }
      assertEquals(Outcome.UP_TO_DATE, sync().outcome());
    }

    @Tag(VARIANT)
    @Test
    void oneThatIsGoneIsDestroyedIfThePolicySaysSo() throws InterruptedException {
      createTree("", "a", "b", "b/c");
      sync();
      source().destroy(from.child("b"));
      SyncPolicy destroying =
          refusing().toBuilder().onRemovedChild(SyncPolicy.OnRemovedChild.DESTROY).build();
      assertEquals(Outcome.SYNCED, sync(destroying).outcome());
      assertFalse(target().exists(to.child("b")));
      assertInSync(PAIR, to);
      assertEquals(Outcome.UP_TO_DATE, sync(destroying).outcome());
    }

    @Tag(LOCAL)
    @Test
    void oneThatWasRenamedIsNotSentAgain() throws InterruptedException {
      createTree("", "a", "a/b");
      write("a/b", "file", "one");
      sync();
      source().rename(from.child("a"), from.child("z"));
      SyncReport report = sync();
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEquals(List.of(), sentInFull(report));
      assertFalse(target().exists(to.child("a")));
      assertInSync(PAIR, to);
      assertEquals(Outcome.UP_TO_DATE, sync().outcome());
    }

    @Tag(VARIANT)
    @Test
    void twoThatChangedPlacesAreNotSentAgain() throws InterruptedException {
      createTree("", "a", "b");
      write("a", "file", "was a");
      write("b", "file", "was b");
      sync();
      source().rename(from.child("a"), from.child("tmp"));
      source().rename(from.child("b"), from.child("a"));
      source().rename(from.child("tmp"), from.child("b"));
      SyncReport report = sync();
      assertEquals(List.of(), sentInFull(report));
      assertInSync(PAIR, to);
    }

    @Tag(LOCAL)
    @Test
    void oneThatWasDestroyedAndMadeAnewIsNotTakenForTheOldOne() throws InterruptedException {
      createTree("", "a");
      write("a", "file", "old");
      sync();
      source().destroy(from.child("a"));
      createTree("a");
      write("a", "file", "new");
      if (independent()) {
        SyncReport report = sync();
        assertInstanceOf(Conflict.NoCommonBase.class, report.conflict().orElseThrow());
        assertEquals(Outcome.SYNCED, sync(policy(OnDivergence.KEEP_ASIDE)).outcome());
      } else {
        assertEquals(Outcome.SYNCED, sync().outcome());
      }
      assertInSync(PAIR, to);
    }
  }

  private boolean independent() {
    return source().backend(source().runner()).features().independentChildren();
  }

  private boolean separate() {
    return source().backend(source().runner()).features().separateCopies();
  }

  /** A target that was written to. */
  @Nested
  class Divergence {

    @Tag(VARIANT)
    @Test
    void isRefusedAndNothingIsLost() throws InterruptedException {
      diverge();
      Map<String, Map<String, String>> before = liveContents(target(), to);
      SyncReport report = sync();
      assertEquals(Outcome.BLOCKED, report.outcome());
      assertInstanceOf(Conflict.Diverged.class, report.conflict().orElseThrow());
      assertEquals(before, liveContents(target(), to));
      assertEquals(Outcome.BLOCKED, sync().outcome());
      assertEquals(before, liveContents(target(), to));
    }

    @Tag(VARIANT)
    @Test
    void isRolledBackIfThePolicySaysSo() throws InterruptedException {
      assumeVersions();
      diverge();
      SyncReport report = sync(policy(OnDivergence.ROLL_BACK));
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEquals(List.of(), sentInFull(report));
      assertInSync(PAIR, to);
    }

    @Test
    void isKeptAsideIfThePolicySaysSo() throws InterruptedException {
      assumeVersions();
      diverge();
      Map<String, String> changed = target().content(to);
      SyncReport report = sync(policy(OnDivergence.KEEP_ASIDE));
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEquals(List.of(), sentInFull(report).stream().filter(String::isEmpty).toList());
      assertInSync(PAIR, to);
      assertEquals(changed, target().content(target().aside(to, "", "aside-20261120T120000Z")));
      write("", "file", "three");
      clock.advance(Duration.ofMinutes(1));
      assertEquals(Outcome.SYNCED, sync(policy(OnDivergence.KEEP_ASIDE)).outcome());
      assertInSync(PAIR, to);
      assertEquals(changed, target().content(target().aside(to, "", "aside-20261120T120000Z")));
    }

    @Tag(VARIANT)
    @Test
    void aSnapshotOfTheTargetsOwnIsKeptAsideOnce() throws InterruptedException {
      assumeVersions();
      createTree("");
      sync();
      clock.advance(Duration.ofMinutes(1));
      Filesystem.of(target().backend(target().runner()), to).createSnapshot("mine");
      assertInstanceOf(Conflict.Diverged.class, sync().conflict().orElseThrow());
      assertEquals(Outcome.SYNCED, sync(policy(OnDivergence.KEEP_ASIDE)).outcome());
      clock.advance(Duration.ofMinutes(1));
      SyncReport second = sync(policy(OnDivergence.KEEP_ASIDE));
      assertTrue(
          steps(second).stream().allMatch(SyncStep.RecordState.class::isInstance),
          second::toString); // on ZFS the target is another dataset now, whose record is missing
      assertEquals(Outcome.UP_TO_DATE, sync(policy(OnDivergence.KEEP_ASIDE)).outcome());
      write("", "file", "two");
      assertEquals(List.of(), sentInFull(sync()));
      assertInSync(PAIR, to);
    }

    @Test
    void ofAChildIsRefused() throws InterruptedException {
      assumeChildren();
      createTree("", "a");
      sync();
      target().write(to.child("a"), "own", "change");
      write("", "file", "two");
      Map<String, String> changed = target().content(to.child("a"));
      assertEquals(Outcome.BLOCKED, sync().outcome());
      assertEquals(changed, target().content(to.child("a")));
      assertEquals(Outcome.SYNCED, sync(policy(OnDivergence.ROLL_BACK)).outcome());
      assertInSync(PAIR, to);
    }

    private void diverge() throws InterruptedException {
      createTree("", "a");
      write("", "file", "one");
      sync();
      target().write(to, "own", "change");
      write("", "file", "two");
    }
  }

  /** Sides that do not belong together. */
  @Nested
  class Strangers {

    @Tag(LOCAL)
    @Test
    void aTargetThatIsSomethingElseIsNotTouched() throws InterruptedException {
      createTree("");
      target().create(to);
      target().write(to, "own", "data");
      Map<String, String> before = target().content(to);
      assertInstanceOf(Conflict.NoCommonBase.class, sync().conflict().orElseThrow());
      assertInstanceOf(
          Conflict.NoCommonBase.class,
          sync(policy(OnDivergence.ROLL_BACK)).conflict().orElseThrow());
      assertEquals(before, target().content(to));
      assertEquals(Outcome.SYNCED, sync(policy(OnDivergence.KEEP_ASIDE)).outcome());
      assertInSync(PAIR, to);
      assertEquals(before, target().content(target().aside(to, "", "aside-20261120T120000Z")));
    }

    @Test
    void oneThatComesDuringTheFirstStreamIsNotTouched() throws InterruptedException {
      assertSurvives(OnDivergence.REFUSE, SyncStep.Send.class);
    }

    @Test
    void oneThatComesBeforeTheFirstCopyIsInstalledIsNotTouched() throws InterruptedException {
      assumeTrue(separate(), "filesystems have no copies that are installed here");
      assertSurvives(OnDivergence.ROLL_BACK, SyncStep.InstallCopy.class);
    }

    private void assertSurvives(OnDivergence choice, Class<? extends SyncStep> before)
        throws InterruptedException {
      createTree("", "a");
      write("a", "file", "one");
      Optional<SyncReport> beside = syncBesideAStranger(choice, before);
      assertTrue(beside.isEmpty() || beside.get().outcome() == Outcome.BLOCKED, beside::toString);
      assertTrue(target().content(to).containsKey("own"));
      target().destroy(to);
      clock.advance(Duration.ofMinutes(1));
      SyncReport report = sync(policy(choice));
      assertTrue(report.succeeded(), report::toString);
      assertTrue(!separate() || sentInFull(report).isEmpty(), report::toString);
      assertInSync(PAIR, to);
    }

    /** Empty: it failed. */
    private Optional<SyncReport> syncBesideAStranger(
        OnDivergence choice, Class<? extends SyncStep> before) throws InterruptedException {
      SyncListener somebody =
          new SyncListener() {
            @Override
            public void beforeStep(String pair, SyncStep step) {
              if (before.isInstance(step)) {
                target().create(to);
                target().write(to, "own", "data");
              }
            }
          };
      try {
        return Optional.of(new Run().pair(policy(choice)).sync(somebody));
      } catch (ReplicationException e) {
        return Optional.empty();
      }
    }

    @Tag(VARIANT)
    @Test
    void aBrokenChainIsAnAlertNeverSilentlyAFullSend() throws InterruptedException {
      createTree("");
      sync();
      Filesystem filesystem = Filesystem.of(source().backend(source().runner()), from);
      filesystem.destroy(filesystem.snapshot(NAMES.sent()));
      write("", "file", "two");
      Map<String, Map<String, String>> before = liveContents(target(), to);
      SyncReport report = sync();
      assertInstanceOf(Conflict.BrokenChain.class, report.conflict().orElseThrow());
      assertEquals(List.of(), steps(report));
      assertEquals(before, liveContents(target(), to));
    }

    @Tag(VARIANT)
    @Test
    void aMissingSourceIsSaidToBeMissing() {
      assertThrows(NotFoundException.class, () -> sync());
    }

    @Tag(VARIANT)
    @Test
    void aSourceThatIsGoneIsSaidToBeMissingAndItsReplicaStays() throws InterruptedException {
      createTree("", "a");
      write("a", "file", "one");
      sync();
      Map<String, Map<String, String>> before = liveContents(target(), to);
      source().destroy(from);
      assertThrows(NotFoundException.class, () -> sync());
      assertThrows(NotFoundException.class, () -> sync(policy(OnDivergence.ROLL_BACK)));
      assertEquals(before, liveContents(target(), to));
    }

    @Tag(LOCAL)
    @Test
    void aTargetWithinItsSourceIsRefused() {
      assumeChildren();
      createTree("");
      Run run = new Run();
      ReplicationPair pair =
          ReplicationPair.builder(PAIR)
              .source(Filesystem.of(run.here, from))
              .target(Filesystem.of(run.here, from.child("inside")))
              .policy(refusing())
              .build();
      assertThrows(OverlapException.class, () -> pair.sync(SyncListener.NONE));
      assertThrows(OverlapException.class, pair::plan);
    }

    @Tag(VARIANT)
    @Test
    void rolesThatWereReversedAreRefusedUnlessAccepted() throws InterruptedException {
      assumeVersions();
      createTree("");
      sync();
      Run run = new Run();
      ReplicationPair back =
          ReplicationPair.builder(PAIR)
              .source(Filesystem.of(run.there, to))
              .target(Filesystem.of(run.here, from))
              .recursive(true)
              .policy(refusing())
              .clock(clock)
              .build();
      assertInstanceOf(
          Conflict.RolesReversed.class, back.sync(SyncListener.NONE).conflict().orElseThrow());
    }
  }

  /** What an earlier run, or somebody, left behind. */
  @Nested
  class Leftovers {

    @Tag(LOCAL)
    @Test
    void aStaleToSendIsReplaced() throws InterruptedException {
      createTree("", "a");
      sync();
      Filesystem filesystem = Filesystem.of(source().backend(source().runner()), from);
      filesystem.createTreeSnapshot(NAMES.tosend());
      write("a", "file", "later than the stale snapshot");
      SyncReport report = sync();
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEquals(List.of(), sentInFull(report));
      assertInSync(PAIR, to);
    }

    @Test
    void aStaleToSendThatArrivesWhileItIsReplacedIsGoneOnFrom() throws InterruptedException {
      createTree("");
      sync();
      write("", "file", "two");
      Filesystem here = Filesystem.of(source().backend(source().runner()), from);
      Filesystem there = Filesystem.of(target().backend(target().runner()), to);
      Snapshot stale = here.createSnapshot(NAMES.tosend());
      write("", "file", "three");
      AtomicBoolean arrives = new AtomicBoolean(true);
      SyncListener late =
          new SyncListener() {
            @Override
            public void beforeStep(String pair, SyncStep step) {
              if (arrives.getAndSet(false)) {
                send(here, stale, there);
              }
            }
          };
      quietly(() -> new Run().pair(refusing()).sync(late));
      assertFalse(arrives.get());
      SyncReport report = sync();
      assertTrue(report.succeeded(), report::toString);
      assertEquals(List.of(), sentInFull(report));
      assertInSync(PAIR, to);
    }

    private static void send(Filesystem here, Snapshot snapshot, Filesystem there) {
      try {
        here.send(snapshot).from(here.snapshot(NAMES.sent())).to(there);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Tag(VARIANT)
    @Test
    void aSentThatWasRenamedIsFoundByItsIdentity() throws InterruptedException {
      createTree("");
      sync();
      Filesystem copy = Filesystem.of(target().backend(target().runner()), to);
      copy.rename(copy.snapshot(NAMES.sent()), "someone-renamed-it");
      write("", "file", "two");
      SyncReport report = sync();
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEquals(List.of(), sentInFull(report));
      assertInSync(PAIR, to);
    }
  }

  /** A sync that another one crosses: whichever of the two the storage lets win. */
  private static void quietly(Sync sync) {
    try {
      sync.run();
    } catch (ReplicationException e) {
      assertNotNull(e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Sync {
    SyncReport run() throws InterruptedException;
  }

  /** Roles that are reversed, and reversed again. */
  @Nested
  class Reversals {

    private static final SyncPolicy ACCEPTING =
        SyncPolicy.refusing().toBuilder().acceptRoleChange(true).build();

    @Test
    void sendOnlyWhatChangedInEitherDirection() throws InterruptedException {
      assumeChildren();
      createTree("", "a", "a/b", "old");
      write("a/b", "file", "one");
      sync();
      target().write(to, "file", "two");
      target().write(to.child("a/b"), "file", "two");
      target().rename(to.child("old"), to.child("renamed"));
      target().create(to.child("new"));
      assertEquals(List.of("new"), sentInFull(reversed()));
      assertEquals(liveContents(target(), to), liveContents(source(), from));
      assertEquals(Outcome.UP_TO_DATE, reversed().outcome());
      write("a/b", "file", "three");
      createTree("a/newer");
      assertEquals(List.of("a/newer"), sentInFull(sync(ACCEPTING)));
      assertInSync(PAIR, to);
      assertEquals(liveContents(source(), from), liveContents(target(), to));
      assertEquals(Outcome.UP_TO_DATE, sync().outcome());
    }

    private SyncReport reversed() throws InterruptedException {
      Run run = new Run();
      SyncReport report =
          ReplicationPair.builder(PAIR)
              .source(Filesystem.of(run.there, to))
              .target(Filesystem.of(run.here, from))
              .recursive(true)
              .policy(ACCEPTING)
              .clock(clock)
              .build()
              .sync(SyncListener.NONE);
      assertTrue(report.succeeded(), report::toString);
      return report;
    }
  }

  /** Two syncs of one pair. */
  @Nested
  class TwoAtOnce {

    @BeforeEach
    void beginIncrement() throws InterruptedException {
      createTree("", "a");
      sync();
      write("a", "file", "two");
    }

    @Test
    void theSecondIsToldThatThePairIsBusyAndChangesNothing() throws InterruptedException {
      Run second = new Run();
      BusyException busy =
          whileTheFirstRuns(() -> assertThrows(BusyException.class, () -> second.sync()));
      assertTrue(busy.isRetryable());
      assertTrue(String.valueOf(busy.getMessage()).contains("pair " + PAIR), busy::getMessage);
      assertInSync(PAIR, to);
      assertEquals(Outcome.UP_TO_DATE, sync().outcome());
    }

    @Tag(LOCAL)
    @Test
    void aStoredPlanWaitsForItsTurnToo() throws InterruptedException {
      Run second = new Run();
      SyncPlan plan = second.pair(refusing()).plan();
      whileTheFirstRuns(
          () ->
              assertThrows(
                  BusyException.class,
                  () -> second.pair(refusing()).execute(plan, SyncListener.NONE)));
      assertThrows(
          StalePlanException.class, () -> second.pair(refusing()).execute(plan, SyncListener.NONE));
    }

    @Tag(LOCAL)
    @Test
    void inAGroupTheOthersGoOn() throws InterruptedException {
      FilesystemName elsewhere = target().name("copy-one");
      Run second = new Run();
      List<SyncReport> reports =
          whileTheFirstRuns(
              () ->
                  ReplicationGroup.of(
                          second.pair(refusing()), second.pair("one", elsewhere, refusing()))
                      .sync(Quiesce.NONE, 1, SyncListener.NONE));
      assertEquals(
          List.of(Outcome.FAILED, Outcome.SYNCED),
          reports.stream().map(SyncReport::outcome).toList());
      assertTrue(reports.get(0).failure().orElseThrow().contains("synced or verified already"));
      assertInSync(PAIR, to);
      assertInSync("one", elsewhere);
    }

    @Test
    void aVerificationIsToldThatThePairIsBusy() throws InterruptedException {
      Run second = new Run();
      BusyException busy =
          whileTheFirstRuns(
              () ->
                  assertThrows(
                      BusyException.class,
                      () -> second.pair(refusing()).verify(SyncListener.NONE)));
      assertTrue(String.valueOf(busy.getMessage()).contains("pair " + PAIR), busy::getMessage);
      assertInSync(PAIR, to);
    }

    @Tag(LOCAL)
    @Test
    void aSyncIsToldThatThePairIsBeingVerified() throws Exception {
      Run undisturbed = new Run();
      undisturbed.pair(refusing()).verify(SyncListener.NONE);
      Run hanging = new Run(new Fault.Hang(undisturbed.lock() + 1));
      Thread verification =
          new Thread(
              () -> {
                try {
                  hanging.pair(refusing()).verify(SyncListener.NONE);
                } catch (InterruptedException | ReplicationException e) {
                  // so it should end
                }
              });
      verification.start();
      try {
        assertTrue(hanging.script.awaitHang());
        assertThrows(BusyException.class, () -> new Run().sync());
      } finally {
        verification.interrupt();
        verification.join();
      }
      assertEquals(Outcome.SYNCED, sync().outcome());
      assertInSync(PAIR, to);
    }

    @Tag(LOCAL)
    @Test
    void planningNeedsNoTurn() throws InterruptedException {
      assertInstanceOf(
          SyncPlan.Transfer.class, whileTheFirstRuns(() -> new Run().pair(refusing()).plan()));
    }

    @Tag(LOCAL)
    @Test
    void aHostThatHasNoLocksToGiveIsSyncedWithAWarning() throws InterruptedException {
      Run recording = new Run();
      recording.sync();
      write("a", "file", "three");
      int lock = recording.lock();
      SyncReport report = new Run(new Fault.Exit(lock, 69, "no flock(1)")).sync();
      assertEquals(Outcome.SYNCED, report.outcome());
      assertTrue(
          report.warnings().stream().anyMatch(warning -> warning.contains("no flock(1)")),
          report::toString);
      assertInSync(PAIR, to);
    }

    private interface Action<T> {
      T run() throws InterruptedException;
    }

    /** Does something when the first bytes of an increment are on their way, which then goes on. */
    private <T> T whileTheFirstRuns(Action<T> action) throws InterruptedException {
      List<T> results = new ArrayList<>();
      AtomicBoolean once = new AtomicBoolean(true);
      SyncListener other =
          new SyncListener() {
            @Override
            public void progress(TransferProgress progress) {
              if (progress.bytes() > 0 && once.getAndSet(false)) {
                try {
                  results.add(action.run());
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
            }
          };
      assertEquals(Outcome.SYNCED, new Run().pair(refusing()).sync(other).outcome());
      return results.get(0);
    }
  }

  /** Commands and streams that do not end by themselves. */
  @Nested
  class Timeouts {

    @Tag(LOCAL)
    @Test
    void aStreamThatStandsStillIsEndedAndTheNextRunGoesOn() throws InterruptedException {
      beginIncrement();
      SyncPolicy impatient = refusing().toBuilder().stallTimeout(world().brief()).build();
      Run stalled = new Run(new Fault.StallSender(1, 10));
      assertThrows(
          TransferStalledException.class, () -> stalled.pair(impatient).sync(SyncListener.NONE));
      assertTrue(stalled.script.wasHit());
      assertRepaired();
    }

    @Tag(LOCAL)
    @Test
    void aStepThatDoesNotEndIsEndedAndTheNextRunGoesOn() throws Exception {
      beginIncrement();
      Run undisturbed = new Run();
      List<Integer> numbers = commandsOfSteps(undisturbed);
      reopen();
      beginIncrement();
      SyncPolicy impatient = refusing().toBuilder().commandTimeout(world().brief()).build();
      Run hanging = new Run(new Fault.Hang(numbers.get(numbers.size() / 2)));
      assertThrows(
          CommandTimeoutException.class, () -> hanging.pair(impatient).sync(SyncListener.NONE));
      assertTrue(hanging.script.wasHit());
      assertRepaired();
    }

    private void beginIncrement() throws InterruptedException {
      name();
      createTree("", "a");
      write("a", "file", "one");
      sync();
      write("a", "file", "two");
    }

    /** The numbers of the commands that change something, but for those of the records. */
    private List<Integer> commandsOfSteps(Run run) throws InterruptedException {
      Set<String> texts =
          run.sync().steps().stream()
              .filter(step -> !(step.step() instanceof SyncStep.RecordState))
              .filter(step -> !(step.step() instanceof SyncStep.Send))
              .flatMap(step -> step.commands().stream())
              .map(SyncReport.CommandReport::text)
              .collect(Collectors.toSet());
      return run.script.log().entries().stream()
          .filter(entry -> texts.contains(entry.command().toShellText()))
          .filter(entry -> !source().isListing(entry.command()))
          .map(CommandLog.Entry::number)
          .toList();
    }

    private void assertRepaired() throws InterruptedException {
      SyncReport report = sync();
      assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
      assertEquals(List.of(), sentInFull(report));
      assertInSync(PAIR, to);
    }
  }

  /** Plans: what is printed is what is done. */
  @Nested
  class Plans {

    @Tag(LOCAL)
    @Test
    void aRouteThatIsNotThereIsRefusedBeforeAnythingRuns() throws InterruptedException {
      assumeTrue(target().runner().destination().isEmpty(), "the target is reached by SSH");
      createTree("", "a");
      SyncPlan stored = new Run().pair(refusing()).plan();
      Map<String, List<String>> before = snapshotNames(source(), from);
      assertNoRoute(pair -> pair.plan());
      assertNoRoute(pair -> pair.sync(SyncListener.NONE));
      assertNoRoute(pair -> pair.execute(stored, SyncListener.NONE));
      assertEquals(before, snapshotNames(source(), from));
      assertEquals(List.of(), look(target(), to).members());
      sync();
      assertNoRoute(pair -> pair.plan()); // not first when there is something to send
    }

    private interface Attempt {
      void on(ReplicationPair pair) throws InterruptedException;
    }

    private void assertNoRoute(Attempt attempt) {
      SyncPolicy direct = refusing().toBuilder().route(Route.DIRECT).build();
      UnsupportedException e =
          assertThrows(
              UnsupportedException.class, () -> attempt.on(new Run().pair(direct)), "no refusal");
      assertTrue(String.valueOf(e.getMessage()).contains("route=THROUGH_HERE"), e::getMessage);
    }

    @Tag(VARIANT)
    @Test
    void changeNothing() throws InterruptedException {
      createTree("", "a");
      Map<String, List<String>> before = snapshotNames(source(), from);
      assertInstanceOf(SyncPlan.Transfer.class, new Run().pair(refusing()).plan());
      assertEquals(before, snapshotNames(source(), from));
      assertEquals(List.of(), look(target(), to).members());
    }

    @Tag(LOCAL)
    @Test
    void canBeStoredAsJsonAndExecutedLater() throws InterruptedException {
      createTree("", "a");
      write("a", "file", "one");
      String json = ReplicationJson.write(new Run().pair(refusing()).plan());
      SyncPlan plan = ReplicationJson.readPlan(json);
      SyncReport report = new Run().pair(refusing()).execute(plan, SyncListener.NONE);
      assertEquals(report, ReplicationJson.readReport(ReplicationJson.write(report)));
      assertEquals(Outcome.SYNCED, report.outcome());
      assertInSync(PAIR, to);
    }

    @Tag(VARIANT)
    @Test
    void sayTheCommandsThatAreRun() throws InterruptedException {
      createTree("", "a");
      sync();
      write("a", "file", "two");
      Run run = new Run();
      SyncPlan plan = run.pair(refusing()).plan();
      SyncReport report = run.pair(refusing()).execute(plan, SyncListener.NONE);
      List<String> planned = commands(plan);
      List<String> ran = commands(report);
      assertEquals(planned.size(), ran.size(), () -> planned + "\n" + ran);
      for (int i = 0; i < ran.size(); i++) {
        assertTrue(isFilledIn(planned.get(i), ran.get(i)), planned.get(i) + "\n" + ran.get(i));
      }
    }

    /** A plan cannot know the identities that it creates itself. */
    private static boolean isFilledIn(String planned, String ran) {
      return Pattern.compile(
              Arrays.stream(planned.replace("'", "").split(Pattern.quote("{…}"), -1))
                  .map(Pattern::quote)
                  .collect(Collectors.joining("\\S+?")))
          .matcher(ran.replace("'", ""))
          .matches();
    }

    @Tag(VARIANT)
    @Test
    void areRefusedWhenTheStorageHasMovedOn() throws InterruptedException {
      createTree("");
      sync();
      write("", "file", "two");
      SyncPlan plan = new Run().pair(refusing()).plan();
      sync();
      Map<String, List<String>> before = snapshotNames(target(), to);
      Run run = new Run();
      assertThrows(
          StalePlanException.class, () -> run.pair(refusing()).execute(plan, SyncListener.NONE));
      assertEquals(before, snapshotNames(target(), to));
    }

    @Tag(VARIANT)
    @Test
    void thatSayUpToDateAreLookedIntoAgain() throws InterruptedException {
      createTree("", "a");
      sync();
      SyncPlan idle = new Run().pair(refusing()).plan();
      assertInstanceOf(SyncPlan.UpToDate.class, idle);
      SyncReport report = new Run().pair(refusing()).execute(idle, SyncListener.NONE);
      assertEquals(Outcome.UP_TO_DATE, report.outcome());
      write("a", "file", "two");
      executeStale(idle, refusing());
    }

    @Tag(LOCAL)
    @Test
    void rollBackNoVersionThatTheyDoNotKnow() throws InterruptedException {
      assumeVersions();
      assumeTrue(!separate(), "copies have no roll back: they are replaced");
      createTree("", "a");
      sync();
      target().write(to, "own", "change");
      SyncPlan plan = new Run().pair(policy(OnDivergence.ROLL_BACK)).plan();
      clock.advance(Duration.ofMinutes(1));
      snapshotOfTheTargetsOwn("", "mine");
      executeStale(plan, policy(OnDivergence.ROLL_BACK));
      assertTrue(id(target(), to, "", "mine").isPresent());
    }

    @Tag(LOCAL)
    @Test
    void destroyNoMemberWithAVersionThatTheyDoNotKnow() throws InterruptedException {
      assumeTrue(independent(), "children have no streams of their own here");
      createTree("", "a", "b", "b/c");
      sync();
      source().destroy(from.child("b"));
      SyncPolicy destroying =
          refusing().toBuilder().onRemovedChild(SyncPolicy.OnRemovedChild.DESTROY).build();
      SyncPlan plan = new Run().pair(destroying).plan();
      clock.advance(Duration.ofMinutes(1));
      snapshotOfTheTargetsOwn("b", "mine");
      executeStale(plan, destroying);
      assertTrue(id(target(), to, "b", "mine").isPresent());
    }

    @Tag(LOCAL)
    @Test
    void destroyNoSnapshotOfAMemberThatTheyDoNotKnow() throws InterruptedException {
      assumeTrue(independent(), "children have no streams of their own here");
      createTree("", "a");
      sync();
      write("a", "file", "two");
      SyncPlan plan = new Run().pair(refusing()).plan();
      clock.advance(Duration.ofMinutes(1));
      target().create(to.child("own"));
      snapshotOfTheTargetsOwn("own", NAMES.sent());
      executeStale(plan, refusing());
      assertTrue(id(target(), to, "own", NAMES.sent()).isPresent());
    }

    @Tag(LOCAL)
    @Test
    void renameNoMemberThatTookTheOldName() throws InterruptedException {
      assumeTrue(independent(), "children have no streams of their own here");
      createTree("", "a");
      sync();
      source().rename(from.child("a"), from.child("z"));
      SyncPlan plan = new Run().pair(refusing()).plan();
      target().rename(to.child("a"), to.child("elsewhere"));
      target().create(to.child("a"));
      executeStale(plan, refusing());
      assertFalse(target().exists(to.child("z")));
    }

    private void snapshotOfTheTargetsOwn(String path, String name) throws InterruptedException {
      Filesystem.of(target().backend(target().runner()), to.child(path)).createSnapshot(name);
    }

    private void executeStale(SyncPlan plan, SyncPolicy policy) {
      ReplicationPair pair = new Run().pair(policy);
      assertThrows(StalePlanException.class, () -> pair.execute(plan, SyncListener.NONE));
    }

    /** Without those that record the state: a plan cannot know what they will say. */
    private static List<String> commands(SyncPlan plan) {
      return plan.steps().stream()
          .filter(step -> !(step.step() instanceof SyncStep.RecordState))
          .flatMap(step -> step.commands().stream())
          .map(command -> command.host() + " " + command.text())
          .toList();
    }

    private static List<String> commands(SyncReport report) {
      return report.steps().stream()
          .filter(step -> !(step.step() instanceof SyncStep.RecordState))
          .flatMap(step -> step.commands().stream())
          .map(command -> command.host() + " " + command.text())
          .toList();
    }
  }

  /** What is kept about a pair. */
  @Nested
  class States {

    @Tag(VARIANT)
    @Test
    void areOnBothSidesAfterASync() throws InterruptedException {
      createTree("");
      sync();
      PairState source = state(source(), from);
      PairState target = state(target(), to);
      assertEquals(Role.SOURCE, source.role());
      assertEquals(Role.TARGET, target.role());
      assertEquals(id(source(), from, "", NAMES.sent()), source.base());
      assertEquals(source.base(), target.base());
      assertEquals(PairState.Result.SYNCED, target.lastResult());
      assertEquals(Optional.of(clock.instant()), target.completedAt());
    }

    @Tag(VARIANT)
    @Test
    void sayWhetherTheTargetIsFresh() throws InterruptedException {
      createTree("");
      assertEquals(
          SyncStatus.Health.WARN, new Run().pair(refusing()).status(Duration.ofHours(1)).health());
      sync();
      assertEquals(
          SyncStatus.Health.UP,
          new Run().pair(refusing()).status(Duration.ofDays(365_000)).health());
    }

    @Tag(VARIANT)
    @Test
    void keepTheBaseWhenASyncFails() throws InterruptedException {
      createTree("");
      sync();
      VersionId base = state(source(), from).base().orElseThrow();
      write("", "file", "two");
      Run run = new Run(new Fault.CutSender(1, 10, Fault.Kind.CONNECTION_LOST));
      assertThrows(ReplicationException.class, run::sync);
      assertTrue(run.script.wasHit());
      PairState failed = state(source(), from);
      assertEquals(PairState.Result.FAILED, failed.lastResult());
      assertEquals(Optional.of(base), failed.base());
      assertFalse(failed.message().isEmpty());
    }

    private PairState state(Site site, FilesystemName root) throws InterruptedException {
      return ReplicationJson.readState(look(site, root).states().get(PAIR));
    }
  }

  /** Several targets of one source. */
  @Nested
  class Targets {

    @Test
    void haveABaseEach() throws InterruptedException {
      createTree("", "a");
      FilesystemName second = target().name("second");
      Run run = new Run();
      ReplicationGroup group =
          ReplicationGroup.of(run.pair("one", to, refusing()), run.pair("two", second, refusing()));
      assertEquals(List.of(Outcome.SYNCED, Outcome.SYNCED), outcomes(group));
      write("a", "file", "for one");
      assertEquals(
          Outcome.SYNCED, run.pair("one", to, refusing()).sync(SyncListener.NONE).outcome());
      write("a", "file", "for both");
      List<SyncReport> reports = group.sync(Quiesce.NONE, 2, SyncListener.NONE);
      assertEquals(List.of(), sentInFull(reports.get(0)));
      assertEquals(List.of(), sentInFull(reports.get(1)));
      assertInSync("one", to);
      assertInSync("two", second);
      assertNotEquals(
          id(source(), from, "", SnapshotNames.ofPair("one").sent()),
          id(source(), from, "", SnapshotNames.ofPair("two").sent()));
    }

    @Tag(VARIANT)
    @Test
    void areNotHeldBackByOneThatFails() throws InterruptedException {
      createTree("");
      FilesystemName second = target().name("second");
      Run first = new Run();
      first.pair("one", to, refusing()).sync(SyncListener.NONE);
      first.pair("two", second, refusing()).sync(SyncListener.NONE);
      target().write(to, "own", "change");
      write("", "file", "two");
      List<SyncReport> reports =
          ReplicationGroup.of(
                  first.pair("one", to, refusing()), first.pair("two", second, refusing()))
              .sync(Quiesce.NONE, 1, SyncListener.NONE);
      assertEquals(
          List.of(Outcome.BLOCKED, Outcome.SYNCED),
          reports.stream().map(SyncReport::outcome).toList(),
          reports::toString);
      assertInSync("two", second);
    }

    @Tag(VARIANT)
    @Test
    void takeTheirSnapshotsWhileTheApplicationIsAtRest() throws InterruptedException {
      createTree("");
      List<String> events = new ArrayList<>();
      Run run = new Run();
      Quiesce quiesce =
          new Quiesce() {
            @Override
            public void pause() {
              events.add("pause");
              write("", "file", "consistent");
            }

            @Override
            public void resume() {
              events.add("resume");
              write("", "file", "not consistent");
            }
          };
      SyncReport report =
          ReplicationGroup.of(run.pair(refusing())).sync(quiesce, 1, SyncListener.NONE).get(0);
      assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
      assertEquals(List.of("pause", "resume"), events);
      assertTrue(
          target().content(to).get("file").startsWith("consistent"),
          target().content(to)::toString);
    }

    private List<Outcome> outcomes(ReplicationGroup group) throws InterruptedException {
      return group.sync(Quiesce.NONE, 2, SyncListener.NONE).stream()
          .map(SyncReport::outcome)
          .toList();
    }
  }

  /** The steps one by one, as a host application composes them. */
  @Nested
  class Primitives {

    @Tag(LOCAL)
    @Test
    void makeARotation() throws InterruptedException {
      assumeVersions();
      createTree("");
      write("", "file", "one");
      Filesystem here = Filesystem.of(source().backend(source().runner()), from);
      Filesystem there = Filesystem.of(target().backend(target().runner()), to);
      assertTrue(here.exists());
      assertFalse(there.exists());
      here.send(here.createSnapshot("tosend")).to(there);
      here.rename(here.snapshot("tosend"), "sent");
      there.rename(there.snapshot("tosend"), "sent");
      write("", "file", "two");
      here.send(here.createSnapshot("tosend")).from(here.snapshot("sent")).to(there);
      there.destroy(there.snapshot("sent"));
      there.rename(there.snapshot("tosend"), "sent");
      assertEquals(here.snapshot("tosend").id(), there.snapshot("sent").id());
      assertEquals(source().content(from), target().content(to, "", "sent"));
    }

    @Tag(VARIANT)
    @Test
    void refuseASnapshotWhoseNameHasMovedOn() throws InterruptedException {
      createTree("");
      Filesystem here = Filesystem.of(source().backend(source().runner()), from);
      var old = here.createSnapshot("s");
      here.destroy(old);
      here.createSnapshot("s");
      assertThrows(StalePlanException.class, () -> here.destroy(old));
      assertThrows(StalePlanException.class, () -> here.rename(old, "t"));
      assertEquals(1, here.snapshots().size());
    }

    @Tag(VARIANT)
    @Test
    void sayWhatDoesNotExist() throws InterruptedException {
      Filesystem here = Filesystem.of(source().backend(source().runner()), from);
      assertThrows(NotFoundException.class, here::versions);
      createTree("", "a");
      assertThrows(NotFoundException.class, () -> here.snapshot("missing"));
      assertEquals(tree(), here.tree());
    }

    @Tag(VARIANT)
    @Test
    void snapshotATreeAndAGroup() throws InterruptedException {
      createTree("", "a");
      source().create(source().name("other"));
      StorageBackend backend = source().backend(source().runner());
      Filesystem here = Filesystem.of(backend, from);
      Filesystem other = Filesystem.of(backend, source().name("other"));
      assertEquals(tree(), here.createTreeSnapshot("t").stream().map(s -> s.filesystem()).toList());
      assertEquals(
          2, Filesystem.createGroupSnapshot(List.of(here, other), "g", Quiesce.NONE).size());
      assertEquals(other.snapshot("g").name(), "g");
    }

    private List<FilesystemName> tree() {
      return world().hasChildren() ? List.of(from, from.child("a")) : List.of(from);
    }
  }

  /** Steps in a plan that a caller changed. */
  @Nested
  class ChangedPlans {

    @Tag(VARIANT)
    @Test
    void areExecutedAsTheyAre() throws InterruptedException {
      createTree("");
      Run run = new Run();
      ReplicationPair pair = run.pair(refusing());
      SyncPlan.Transfer plan = (SyncPlan.Transfer) pair.plan();
      int last = plan.steps().size();
      SyncPlan.Transfer changed =
          pair.describe(
              plan.insert(
                  last,
                  new SyncStep.CreateSnapshot(Side.SOURCE, "afterwards", List.of(""), false)));
      assertFalse(changed.steps().get(last).commands().isEmpty());
      assertEquals(Outcome.SYNCED, pair.execute(changed, SyncListener.NONE).outcome());
      assertTrue(id(source(), from, "", "afterwards").isPresent());
    }
  }

  /** Separate copies, where the storage has them. */
  @Nested
  class InstalledCopies {

    @Tag(VARIANT)
    @Test
    void areThoseOfTheNewestVersion() throws InterruptedException {
      createTree("", "a");
      sync();
      write("a", "file", "two");
      SyncReport report = sync();
      assertEquals(
          separate(), steps(report).stream().anyMatch(SyncStep.InstallCopy.class::isInstance));
      assertEquals(liveContents(source(), from), liveContents(target(), to));
    }
  }
}
