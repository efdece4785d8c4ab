package io.replication4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.SyncReport.Outcome;
import io.replication4j.testing.FakeHost;
import io.replication4j.testing.FakeStorage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicationPairTest {

  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  private final Clock clock = Clock.fixed(NOON, ZoneOffset.UTC);
  private final FakeHost here = FakeHost.zfsLike("here", clock, FakeHost.countedIds("s"));
  private final FakeHost there = FakeHost.zfsLike("there", clock, FakeHost.countedIds("t"));
  private final ReplicationPair pair = pair("p", there, "backup/data");

  ReplicationPairTest() {
    here.create("tank/data");
    here.write("tank/data", "a", "1");
  }

  private ReplicationPair pair(String name, FakeHost target, String filesystem) {
    return ReplicationPair.builder(name)
        .source(Filesystem.of(FakeStorage.on(here), FilesystemName.of("tank/data")))
        .target(Filesystem.of(FakeStorage.on(target), FilesystemName.of(filesystem)))
        .recursive(true)
        .policy(SyncPolicy.refusing())
        .clock(clock)
        .build();
  }

  private void assertSame() {
    assertEquals(here.content("tank/data"), there.content("backup/data"));
  }

  @Test
  void sendsEverythingThenWhatChangedThenNothing() throws InterruptedException {
    assertEquals(Outcome.SYNCED, pair.sync(SyncListener.NONE).outcome());
    assertSame();
    here.write("tank/data", "b", "2");
    here.delete("tank/data", "a");
    assertEquals(Outcome.SYNCED, pair.sync(SyncListener.NONE).outcome());
    assertSame();
    SyncReport idle = pair.sync(SyncListener.NONE);
    assertEquals(Outcome.UP_TO_DATE, idle.outcome());
    assertEquals(Optional.of(NOON), idle.asOf());
  }

  @Test
  void planChangesNothingAndShowsEveryCommandWithItsHost() throws InterruptedException {
    SyncPlan plan = pair.plan();
    assertFalse(there.exists("backup/data"));
    String text = plan.toString();
    assertTrue(text.contains("here$ fake snapshot tank/data tosend-p"), text);
    assertTrue(text.contains("there$ fake receive backup/data"), text);
  }

  @Test
  void planReadBackFromJsonRuns() throws InterruptedException {
    SyncPlan plan = ReplicationJson.readPlan(ReplicationJson.write(pair.plan()));
    assertEquals(Outcome.SYNCED, pair.execute(plan, SyncListener.NONE).outcome());
    assertSame();
  }

  @Test
  void stalePlanIsRefusedAndRunsNothing() throws InterruptedException {
    SyncPlan first = pair.plan();
    pair.sync(SyncListener.NONE);
    SyncPlan.Transfer old = assertInstanceOf(SyncPlan.Transfer.class, first);
    here.write("tank/data", "b", "2");
    SyncPlan second = pair.plan();
    pair.sync(SyncListener.NONE);
    List<Snapshot> before = pair.source().snapshots();
    assertThrows(StalePlanException.class, () -> pair.execute(second, SyncListener.NONE));
    assertThrows(StalePlanException.class, () -> pair.execute(old, SyncListener.NONE));
    assertEquals(before, pair.source().snapshots());
  }

  @Test
  void stepsCanBeInsertedAndHooksHearOfThem() throws InterruptedException {
    SyncPlan.Transfer plan = assertInstanceOf(SyncPlan.Transfer.class, pair.plan());
    SyncStep hold = new SyncStep.SetProperty(Side.SOURCE, "", "org.example:note", "synced by hand");
    List<String> heard = new ArrayList<>();
    pair.execute(
        pair.describe(plan.insert(1, hold)),
        new SyncListener() {
          @Override
          public void beforeStep(String name, SyncStep step) {
            heard.add("before " + step.getClass().getSimpleName());
          }

          @Override
          public void afterStep(String name, SyncReport.StepReport report) {
            heard.add("after " + report.step().getClass().getSimpleName());
          }
        });
    assertTrue(heard.indexOf("after SetProperty") == heard.indexOf("before SetProperty") + 1);
    assertEquals(Optional.of("synced by hand"), pair.source().property("org.example:note"));
    assertSame();
  }

  @Test
  void hookThatThrowsStopsTheSyncAndTheNextOneRepairs() throws InterruptedException {
    SyncListener refusing =
        new SyncListener() {
          @Override
          public void beforeStep(String name, SyncStep step) {
            if (step instanceof SyncStep.RenameSnapshot) {
              throw new IllegalStateException("stop here");
            }
          }
        };
    assertThrows(IllegalStateException.class, () -> pair.sync(refusing));
    assertEquals(Outcome.SYNCED, pair.sync(SyncListener.NONE).outcome());
    assertSame();
    assertEquals(
        List.of("sent-p"), pair.target().snapshots().stream().map(Snapshot::name).toList());
  }

  @Test
  void eachTargetHasABaseOfItsOwn() throws InterruptedException {
    FakeHost third = FakeHost.zfsLike("third", clock, FakeHost.countedIds("x"));
    ReplicationGroup group = ReplicationGroup.of(pair, pair("q", third, "cold/data"));
    List<String> quiesced = new ArrayList<>();
    Quiesce quiesce =
        new Quiesce() {
          @Override
          public void pause() {
            quiesced.add("pause");
          }

          @Override
          public void resume() {
            quiesced.add("resume");
          }
        };
    List<SyncReport> reports = group.sync(quiesce, 2, SyncListener.NONE);
    assertEquals(
        List.of(Outcome.SYNCED, Outcome.SYNCED), reports.stream().map(r -> r.outcome()).toList());
    assertEquals(List.of("pause", "resume"), quiesced);
    assertSame();
    assertEquals(here.content("tank/data"), third.content("cold/data"));
    here.write("tank/data", "b", "2");
    third.write("cold/data", "mine", "x");
    reports = group.sync(Quiesce.NONE, 2, SyncListener.NONE);
    assertEquals(
        List.of(Outcome.SYNCED, Outcome.BLOCKED), reports.stream().map(r -> r.outcome()).toList());
    assertSame();
  }

  @Test
  void statusTellsTheAgeOfTheVersionNotOfTheSync() throws InterruptedException {
    assertEquals(SyncStatus.Health.WARN, pair.status(Duration.ofHours(1)).health());
    pair.sync(SyncListener.NONE);
    SyncStatus status = pair.status(Duration.ofHours(1));
    assertEquals(SyncStatus.Health.UP, status.health());
    assertEquals(Optional.of(NOON), status.asOf());
  }

  @Test
  void rotationCanBeComposedByHand() throws InterruptedException {
    Filesystem source = pair.source();
    Filesystem target = pair.target();
    Snapshot first = source.createSnapshot("tosend");
    source.send(first).to(target);
    Snapshot sent = source.rename(first, "sent");
    target.rename(target.snapshot("tosend"), "sent");
    here.write("tank/data", "b", "2");
    Snapshot second = source.createSnapshot("tosend");
    source.send(second).from(sent).to(target);
    target.destroy(target.snapshot("sent"));
    target.rename(target.snapshot("tosend"), "sent");
    assertSame();
    assertThrows(StalePlanException.class, () -> target.destroy(second));
  }

  @Test
  void targetInsideTheSourceIsRefused() {
    ReplicationPair inside = pair("in", here, "tank/data/copy");
    assertThrows(OverlapException.class, inside::plan);
  }
}
