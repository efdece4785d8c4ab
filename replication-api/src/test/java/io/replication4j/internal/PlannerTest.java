package io.replication4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Conflict;
import io.replication4j.Endpoint;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.PairState;
import io.replication4j.Role;
import io.replication4j.SnapshotNames;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncPolicy.OnRemovedChild;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.VersionId;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.Observation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PlannerTest {

  private static final Endpoint SOURCE = new Endpoint("fake", "here", FilesystemName.of("p/s"));
  private static final Endpoint TARGET = new Endpoint("fake", "there", FilesystemName.of("p/t"));

  private SyncPolicy policy = SyncPolicy.refusing();
  private BackendFeatures features = new BackendFeatures(false, true, true);
  private Optional<PairState> sourceState = Optional.empty();
  private Optional<PairState> targetState = Optional.empty();
  private Map<String, String> lineage = Map.of();
  private Map<String, String> replicaProperties = Map.of();
  private Optional<String> immovable = Optional.empty();

  private Planner.Decision decide(String source, String target) {
    PlanRequest request =
        new PlanRequest(
            "p",
            SOURCE,
            TARGET,
            SnapshotNames.plain(),
            policy,
            true,
            features,
            lineage,
            "aside",
            sourceState,
            targetState,
            replicaProperties,
            immovable,
            PlannerTest::oneByOne);
    try {
      return Planner.plan(
          request,
          new PairView(Shorthand.observed("p/s", source), Shorthand.observed("p/t", target)));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Send> oneByOne(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates) {
    return members.stream()
        .map(m -> new Send(List.of(m), false, intermediates, Optional.empty()))
        .toList();
  }

  private String steps(String source, String target) {
    Planner.Decision decision = decide(source, target);
    assertEquals(Optional.empty(), decision.conflict());
    return Shorthand.text(decision.steps());
  }

  private Conflict conflict(String source, String target) {
    Planner.Decision decision = decide(source, target);
    assertEquals(List.of(), decision.steps());
    return decision.conflict().orElseThrow();
  }

  private static PairState state(Role role, String base) {
    return new PairState(
        "p",
        role,
        1,
        "id",
        SOURCE,
        TARGET,
        Optional.of(VersionId.of(base)),
        Optional.empty(),
        Optional.empty(),
        PairState.Result.SYNCED,
        "",
        0,
        0,
        Map.of());
  }

  private static final String ROUND_FROM_1 =
      """
      source: snapshot tosend
      send @sent1->@tosend
      target: destroy sent [1]
      target: rename tosend sent
      source: destroy sent [1]
      source: rename tosend sent""";

  @Nested
  class OrderlyRounds {

    @Test
    void firstRoundSendsEverything() {
      assertEquals(
          """
          source: snapshot tosend
          send @tosend
          target: rename tosend sent
          source: rename tosend sent""",
          steps("*", ""));
    }

    @Test
    void changedSourceSendsTheIncrement() {
      assertEquals(ROUND_FROM_1, steps("@sent1 *", "@sent1"));
    }

    @Test
    void unchangedSourceOnlyRefreshesTheRecords() {
      assertEquals("", steps("@sent1", "@sent1"));
    }

    @Test
    void nothingAtAllWhenTheRecordsAreCurrentToo() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      targetState = Optional.of(state(Role.TARGET, "1"));
      assertEquals(List.of(), decide("@sent1", "@sent1").steps());
    }

    @Test
    void baseIsFoundBetweenOtherPeoplesSnapshots() {
      assertEquals(ROUND_FROM_1, steps("@hourly0 @sent1 @hourly2 *", "@hourly0 @sent1"));
    }

    @Test
    void anySharedSnapshotIsABase() {
      assertEquals(
          """
          source: snapshot tosend
          send @seed1->@tosend
          target: rename tosend sent
          source: rename tosend sent""",
          steps("@seed1 *", "@seed1"));
    }

    @Test
    void startsFromBookmarkWhenSourceSnapshotWasDestroyed() {
      assertEquals(
          """
          source: snapshot tosend
          send #mark1->@tosend
          target: destroy sent [1]
          target: rename tosend sent
          source: rename tosend sent""",
          steps("#mark1 *", "@sent1"));
    }

    @Test
    void newestCommonVersionIsTheBaseWhateverItsName() {
      assertEquals(
          """
          source: snapshot tosend
          send @admin2->@tosend
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 @admin2 *", "@sent1 @admin2"));
    }

    @Test
    void intermediatesMakeANewSnapshotOfOthersAReasonToSend() {
      policy = SyncPolicy.builder(OnDivergence.REFUSE).intermediates(true).build();
      assertEquals(ROUND_FROM_1, steps("@sent1 @hourly2 =1", "@sent1"));
    }
  }

  @Nested
  class InterruptedRounds {

    @Test
    void staleSnapshotIsReplacedBecauseItsTimeIsOfThePast() {
      assertEquals(
          "source: rename tosend stale-tosend\n"
              + ROUND_FROM_1
              + "\nsource: destroy stale-tosend [2]",
          steps("@sent1 @tosend2 *", "@sent1"));
    }

    @Test
    void staleSnapshotThatWouldTravelIsDestroyed() {
      assertEquals(
          "source: destroy tosend [2]\nsource: snapshot tosend\nsend @tosend\ntarget: rename tosend sent\nsource: rename tosend sent",
          steps("@tosend2 *", ""));
      policy = SyncPolicy.builder(OnDivergence.REFUSE).intermediates(true).build();
      assertEquals(
          "source: destroy tosend [2]\n" + ROUND_FROM_1, steps("@sent1 @tosend2 *", "@sent1"));
    }

    @Test
    void onlyOneStaleSnapshotIsKept() {
      assertEquals(
          "source: destroy stale-tosend [2]\nsource: rename tosend stale-tosend\n"
              + ROUND_FROM_1
              + "\nsource: destroy stale-tosend [3]",
          steps("@sent1 @stale-tosend2 @tosend3 *", "@sent1"));
    }

    @Test
    void staleSnapshotOfAFinishedRoundIsDestroyed() {
      assertEquals("source: destroy stale-tosend [2]", steps("@stale-tosend2 @sent3", "@sent3"));
    }

    @Test
    void staleSnapshotThatArrivedAfterAllIsTheBase() {
      assertEquals(
          """
          source: destroy tosend [3]
          source: rename stale-tosend tosend
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent
          source: snapshot tosend
          send @sent2->@tosend
          target: destroy sent [2]
          target: rename tosend sent
          source: destroy sent [2]
          source: rename tosend sent""",
          steps("@sent1 @stale-tosend2 @tosend3 *", "@sent1 @tosend2"));
    }

    @Test
    void partialReceiveOfAStaleSnapshotIsResumed() {
      assertEquals(
          """
          source: destroy tosend [3]
          source: rename stale-tosend tosend
          send resumed @tosend2
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 @stale-tosend2 @tosend3 =2", "@sent1 ~2"));
    }

    @Test
    void receivedButNotRotatedIsFinished() {
      assertEquals(
          """
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 @tosend2", "@sent1 @tosend2"));
    }

    @Test
    void targetThatLostItsOldBaseIsFinished() {
      assertEquals(
          """
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 @tosend2", "@tosend2"));
    }

    @Test
    void onlyTheSourceIsLeftToRotate() {
      assertEquals(
          """
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 @tosend2", "@sent2"));
    }

    @Test
    void sourceThatLostItsOldBaseIsFinished() {
      assertEquals("source: rename tosend sent", steps("@tosend2", "@sent2"));
    }

    @Test
    void finishedRoundIsFollowedByANewOneIfTheSourceChangedSince() {
      assertEquals(
          """
          source: rename tosend sent
          source: snapshot tosend
          send @sent2->@tosend
          target: destroy sent [2]
          target: rename tosend sent
          source: destroy sent [2]
          source: rename tosend sent""",
          steps("@tosend2 *", "@sent2"));
    }

    @Test
    void partialReceiveOfTheWaitingSnapshotIsResumed() {
      assertEquals(
          """
          send resumed @tosend2
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 @tosend2", "@sent1 ~2"));
    }

    @Test
    void partialReceiveOfTheFirstRoundIsResumed() {
      assertEquals(
          """
          send resumed @tosend2
          target: rename tosend sent
          source: rename tosend sent""",
          steps("@tosend2", "- ~2"));
    }

    @Test
    void partialReceiveOfSomethingGoneIsAborted() {
      assertEquals("target: abort\n" + ROUND_FROM_1, steps("@sent1 *", "@sent1 ~7"));
    }

    @Test
    void treeReceivedInPartIsCompletedFromTheSameSnapshot() {
      assertEquals(
          """
          send c: @sent3->@tosend4
          target: destroy sent [, c] [1, 3]
          target: rename tosend sent [, c]
          source: destroy sent [, c] [1, 3]
          source: rename tosend sent [, c]"""
              .replace("c: @", "c:@"),
          steps("@sent1 @tosend2; c: @sent3 @tosend4", "@sent1 @tosend2; c: @sent3"));
    }
  }

  @Nested
  class Conflicts {

    @Test
    void targetWithAVersionOfItsOwnIsRefused() {
      Conflict.Diverged diverged =
          assertInstanceOf(Conflict.Diverged.class, conflict("@sent1 *", "@sent1 @manual2"));
      assertEquals(VersionId.of("1"), diverged.base());
      assertEquals("manual", diverged.after().get(0).name());
    }

    @Test
    void targetThatWasWrittenToIsRefused() {
      assertInstanceOf(Conflict.Diverged.class, conflict("@sent1 *", "@sent1 *"));
    }

    @Test
    void changedChildIsRefusedToo() {
      Conflict.Diverged diverged =
          assertInstanceOf(
              Conflict.Diverged.class, conflict("@sent1 *; c: @sent2", "@sent1; c: @sent2 *"));
      assertEquals("c", diverged.member());
    }

    @Test
    void rollsBackWhereTheCallerChoseSo() {
      policy = SyncPolicy.builder(OnDivergence.ROLL_BACK).build();
      assertEquals(
          "target: roll back '' to 1\n" + ROUND_FROM_1, steps("@sent1 *", "@sent1 @manual2 *"));
    }

    @Test
    void keepsAsideWhereTheCallerChoseSo() {
      policy = SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build();
      assertEquals(
          """
          target: keep '' as aside from 1
          source: snapshot tosend
          send @sent1->@tosend
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 *", "@sent1 *"));
    }

    @Test
    void keepsNoPartOfAStreamAside() {
      policy = SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build();
      assertEquals(
          """
          target: abort
          target: keep '' as aside from 1
          source: rename tosend stale-tosend
          source: snapshot tosend
          send @sent1->@tosend
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent
          source: destroy stale-tosend [2]""",
          steps("@sent1 @tosend2 *", "@sent1 * ~2"));
    }

    @Test
    void targetThatSharesNothingIsRefused() {
      assertInstanceOf(Conflict.NoCommonBase.class, conflict("@sent1 *", "@other9"));
      assertInstanceOf(Conflict.NoCommonBase.class, conflict("@sent1 *", "!"));
    }

    @Test
    void strangerAtTheTargetIsMovedAsideWhereTheCallerChoseSo() {
      policy = SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build();
      assertEquals(
          """
          target: keep '' as aside
          source: snapshot tosend
          send @tosend
          target: rename tosend sent
          source: rename tosend sent""",
          steps("*", "@other9; c: @other8"));
    }

    @Test
    void brokenChainIsAnAlertNotAFullSend() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      assertInstanceOf(Conflict.BrokenChain.class, conflict("*", ""));
      assertInstanceOf(Conflict.BrokenChain.class, conflict("@sent1 *", ""));
    }

    @Test
    void brokenChainIsSentInFullWhereTheCallerChoseSo() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      policy = SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.FULL).build();
      assertEquals(
          """
          source: snapshot tosend
          send @tosend
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 *", ""));
    }

    @Test
    void brokenChainStaysOneWhereBlocksAreNotCompared() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      policy = SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.COMPARE).build();
      assertInstanceOf(Conflict.BrokenChain.class, conflict("*", "@sent1"));
    }

    @Test
    void brokenChainIsComparedWithTheTargetsNewestVersion() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      features = new BackendFeatures(false, false, true, true);
      policy = SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.COMPARE).build();
      assertEquals(
          """
          source: snapshot tosend
          send @sent1->@tosend
          target: destroy sent [1]
          target: rename tosend sent
          source: rename tosend sent""",
          steps("*", "@sent1"));
      assertInstanceOf(Conflict.BrokenChain.class, conflict("*", "*"));
      assertInstanceOf(Conflict.Diverged.class, conflict("*", "@sent1 *"));
    }

    @Test
    void whatCannotBeMovedAsideIsNotAndTheConflictSaysWhatToDo() {
      features = new BackendFeatures(false, false, true, true, false);
      immovable = Optional.of("empty it");
      policy = SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build();
      for (String target : List.of("@sent1 *", "@own7 =7")) {
        Conflict conflict = conflict("@sent1 *", target);
        assertTrue(conflict.message().endsWith(": empty it"), conflict::message);
        assertFalse(conflict.message().contains("onDivergence"), conflict::message);
      }
    }

    @Test
    void whatHoldsOneVersionHasNoOldOneToDestroyAndIsNotRolledBack() {
      features = new BackendFeatures(false, false, true, true, false);
      assertEquals(
          """
          source: snapshot tosend
          send @sent1->@tosend
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 *", "@sent1"));
      policy = SyncPolicy.builder(OnDivergence.ROLL_BACK).build();
      Conflict conflict = conflict("@sent1 *", "@sent1 *");
      assertInstanceOf(Conflict.Diverged.class, conflict);
      assertFalse(conflict.message().contains("ROLL_BACK"), conflict::message);
      assertTrue(conflict.message().contains("KEEP_ASIDE moves it aside and sends everything"));
      policy = SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build();
      assertEquals(
          """
          target: keep '' as aside
          source: snapshot tosend
          send @tosend
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 *", "@sent1 *"));
    }

    @Test
    void recordedTargetIsNotSyncedFrom() {
      sourceState = Optional.of(state(Role.TARGET, "1"));
      assertInstanceOf(Conflict.RolesReversed.class, conflict("@sent1 *", "@sent1"));
    }

    @Test
    void formerTargetThrowsAwayWhatItNeverGotWhole() {
      sourceState = Optional.of(state(Role.TARGET, "1"));
      policy = SyncPolicy.builder(OnDivergence.REFUSE).acceptRoleChange(true).build();
      assertEquals("source: abort\n" + ROUND_FROM_1, steps("@sent1 * ~", "@sent1"));
    }

    @Test
    void sourceThatIsAlsoATargetOfAnotherPairKeepsWhatArrivesThere() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      assertEquals(ROUND_FROM_1, steps("@sent1 * ~", "@sent1"));
    }

    @Test
    void whatWasNoTargetIsSetAsOneBeforeAnythingElse() {
      replicaProperties = Map.of("readonly", "on");
      assertTrue(steps("@sent1 *", "@sent1").endsWith(ROUND_FROM_1));
      assertTrue(steps("@sent1 *", "@sent1").startsWith("target: set '' readonly=on\n"));
      assertFalse(steps("@sent1 *", "").contains("readonly"));
    }

    @Test
    void twoSourcesAreNeverSynced() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      targetState = Optional.of(state(Role.SOURCE, "1"));
      assertInstanceOf(Conflict.TwoSources.class, conflict("@sent1 *", "@sent1"));
    }

    @Test
    void otherStreamOptionsThanTheLineageBeganWithAreRefused() {
      sourceState = Optional.of(state(Role.SOURCE, "1"));
      lineage = Map.of("w", "on");
      assertInstanceOf(Conflict.LineageChanged.class, conflict("@sent1 *", "@sent1"));
    }
  }

  @Nested
  class Children {

    @Test
    void newChildIsSentInFullWithTheRound() {
      assertEquals(
          """
          source: snapshot tosend [, c]
          send @sent1->@tosend
          send c:@tosend
          target: destroy sent [1]
          target: rename tosend sent [, c]
          source: destroy sent [1]
          source: rename tosend sent [, c]""",
          steps("@sent1; c: *", "@sent1"));
    }

    @Test
    void renamedChildIsRenamedThereToo() {
      assertEquals(
          """
          target: move a b""",
          steps("@sent1; b: @sent2", "@sent1; a: @sent2"));
    }

    @Test
    void childrenThatTradedPlacesDoSoThereToo() {
      assertEquals(
          """
          target: move b b-moving
          target: move a b
          target: move b-moving a""",
          steps("@sent1; a: @sent3; b: @sent2", "@sent1; a: @sent2; b: @sent3"));
    }

    @Test
    void childBelowANewParentWaitsForTheParent() {
      assertEquals(
          """
          source: snapshot tosend [, n, n/a]
          send n:@tosend
          target: move a n/a
          send @sent1->@tosend
          send n/a:@sent2->@tosend
          target: destroy sent [, n/a] [1, 2]
          target: rename tosend sent [, n, n/a]
          source: destroy sent [, n/a] [1, 2]
          source: rename tosend sent [, n, n/a]""",
          steps("@sent1; n: *; n/a: @sent2", "@sent1; a: @sent2"));
    }

    @Test
    void copyOfADestroyedChildStaysWithItsLastSnapshot() {
      assertEquals("target: rename sent sent-kept-2 [c]", steps("@sent1", "@sent1; c: @sent2"));
      assertEquals("", steps("@sent1", "@sent1; c: @sent-kept-2"));
    }

    @Test
    void whatAnotherPairSentIsNoneOfOursAndStaysWhereItIs() {
      assertInstanceOf(
          Conflict.NoCommonBase.class,
          conflict("@sent1; b: @sent2", "@sent1; a: @sent2; b: @sent-other9"));
      assertEquals(
          """
          target: move b b-kept-9
          target: move a b""",
          steps("@sent1; b: @sent2", "@sent1; a: @sent2; b: @sent-kept-9"));
    }

    @Test
    void copyOfADestroyedChildGoesWhereTheCallerChoseSo() {
      policy =
          SyncPolicy.builder(OnDivergence.REFUSE).onRemovedChild(OnRemovedChild.DESTROY).build();
      assertEquals(
          """
          target: destroy member c/d
          target: destroy member c""",
          steps("@sent1", "@sent1; c: @sent2; c/d: @sent3"));
    }
  }

  @Nested
  class SeparateCopies {

    SeparateCopies() {
      features = new BackendFeatures(true, false, false);
    }

    @Test
    void firstRoundInstallsACopyBeforeItRotates() {
      assertEquals(
          """
          source: snapshot tosend
          send @tosend
          target: install tosend
          target: rename tosend sent
          source: rename tosend sent""",
          steps("*", ""));
    }

    @Test
    void untouchedCopyIsReplaced() {
      assertEquals(
          """
          source: snapshot tosend
          send @sent1->@tosend
          target: install tosend over sent
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 *", "@sent1 =1"));
    }

    @Test
    void touchedCopyIsCheckedBeforeAnythingElse() {
      assertEquals(
          """
          target: check sent
          source: snapshot tosend
          send @sent1->@tosend
          target: install tosend over sent
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 *", "@sent1 ?1"));
    }

    @Test
    void missingCopyIsInstalledAgain() {
      assertEquals("target: install sent", steps("@sent1", "@sent1 -"));
    }

    @Test
    void copyOfTheOldVersionIsReplacedByTheNextRun() {
      assertEquals(
          """
          target: install tosend over sent
          target: destroy sent [1]
          target: rename tosend sent
          source: destroy sent [1]
          source: rename tosend sent""",
          steps("@sent1 @tosend2", "@sent1 @tosend2 =1"));
    }

    @Test
    void partialSubvolumeIsRemovedAndOnlyThatOneSentAgain() {
      assertEquals(
          """
          target: abort [c]
          send c:@tosend4
          target: install tosend [, c]
          target: rename tosend sent [, c]
          source: rename tosend sent [, c]""",
          steps("@tosend2; c: @tosend4", "@tosend2 -; c: - ~"));
    }

    @Test
    void strangerAtTheLocationIsRefused() {
      assertInstanceOf(Conflict.NoCommonBase.class, conflict("*", "!"));
      assertInstanceOf(Conflict.Diverged.class, conflict("@sent1 *", "@sent1 !"));
    }
  }
}
