package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationPair;
import io.replication4j.Snapshot;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.Verification;
import io.replication4j.btrfs.testing.BtrfsLeftovers;
import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.testing.Fault;
import io.replication4j.testing.FaultScript;
import io.replication4j.testing.SimulatedCrash;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is made for one sync goes with it, or with the next one, whichever side is which then. */
class FakeBtrfsLeftoversTest {

  private static final String HERE = "/srv/here/data";
  private static final String THERE = "/srv/there/copy";
  private static final List<String> TREE = List.of("", "/a");

  private FakeBtrfs here;
  private FakeBtrfs there;

  @BeforeEach
  void syncOnce() throws InterruptedException {
    here = FakeBtrfs.mounted("here", "/srv/here", FakeBtrfs.Exchange.PERL, Clock.systemUTC());
    there = FakeBtrfs.mounted("there", "/srv/there", FakeBtrfs.Exchange.PERL, Clock.systemUTC());
    for (String path : TREE) {
      here.createSubvolume(HERE + path);
    }
    write(here, HERE, "one");
    succeed(forth(FaultScript.of(), keeping()));
  }

  // ------------------------------------------------------------------ a target without a base

  @Test
  void aTargetThatIsKeptAsideWholeTakesItsWitnessAlong() throws InterruptedException {
    loseBase();
    succeed(forth(FaultScript.of(), beginningAnew()));
    assertBothHold("two");
    assertNothingLeft();
  }

  private void loseBase() throws InterruptedException {
    Filesystem target = filesystem(FaultScript.of(), there, THERE);
    for (Snapshot snapshot : target.snapshots()) {
      target.destroy(snapshot);
    }
    write(here, HERE, "two");
  }

  /** A failure to ask is no answer. */
  @Test
  void aPlaceIsNotTakenForEmptyWhenTheLookAtItWasKilled() throws InterruptedException {
    there.deleteTree(THERE);
    FaultScript undisturbed = FaultScript.of();
    pair(filesystem(undisturbed, here, HERE), filesystem(undisturbed, there, THERE), keeping())
        .plan();
    int look =
        undisturbed.log().entries().stream()
            .filter(entry -> entry.command().argv().get(0).equals("stat"))
            .findFirst()
            .orElseThrow()
            .number();
    FaultScript killed = FaultScript.of(new Fault.Exit(look, 137, ""));
    assertThrows(
        ReplicationException.class,
        () ->
            pair(filesystem(killed, here, HERE), filesystem(killed, there, THERE), keeping())
                .plan());
  }

  // ------------------------------------------------------------------ roles that are reversed

  /** Inside the stream, and after every command. */
  @TestFactory
  Stream<DynamicTest> aTargetThatBecomesTheSourceTidiesUp() throws Exception {
    write(here, HERE, "two");
    FaultScript undisturbed = FaultScript.of();
    succeed(forth(undisturbed, keeping()));
    List<Fault> faults = new ArrayList<>();
    for (int n = 1; n <= undisturbed.log().size(); n++) {
      faults.add(new Fault.After(n, Fault.Kind.CRASH));
    }
    for (int eighth = 0; eighth < 8; eighth++) {
      long at = undisturbed.receivedLengths().get(0) * eighth / 8;
      faults.add(new Fault.CutReceiver(1, at));
      faults.add(new Fault.CutSender(1, at, Fault.Kind.CRASH));
    }
    return faults.stream()
        .map(fault -> DynamicTest.dynamicTest(fault.toString(), () -> reverseAfter(fault)));
  }

  private void reverseAfter(Fault fault) throws InterruptedException {
    syncOnce();
    write(here, HERE, "two");
    FaultScript disturbed = FaultScript.of(fault);
    try {
      forth(disturbed, keeping());
    } catch (SimulatedCrash | ReplicationException e) {
      // what it left is what this is about
    }
    assertTrue(disturbed.wasHit());
    write(there, THERE, "three");
    succeed(back());
    assertBothHold("three");
    assertNothingLeft();
    assertEquals(Outcome.UP_TO_DATE, back().outcome());
  }

  // ------------------------------------------------------------------ verifications

  /** Of copies that were touched, and hold what they held. */
  @TestFactory
  Stream<DynamicTest> whatAStoppedVerificationLeavesTheNextOneRemoves() throws Exception {
    return stoppedVerifications(
        () -> {
          assertTrue(verification(FaultScript.of()).isEqual());
          assertNothingLeft();
        });
  }

  @TestFactory
  Stream<DynamicTest> whatAStoppedVerificationLeavesTheNextSyncRemoves() throws Exception {
    return stoppedVerifications(
        () -> {
          SyncReport report = forth(FaultScript.of(), keeping());
          assertTrue(report.succeeded(), report::toString);
          assertNothingLeft();
        });
  }

  @TestFactory
  Stream<DynamicTest> whatAStoppedVerificationLeavesGoesWithTheRole() throws Exception {
    return stoppedVerifications(
        () -> {
          write(there, THERE, "three");
          succeed(back());
          assertBothHold("three");
          assertNothingLeft();
          assertEquals(Outcome.UP_TO_DATE, back().outcome());
        });
  }

  private interface Aftermath {
    void run() throws InterruptedException;
  }

  private Stream<DynamicTest> stoppedVerifications(Aftermath aftermath) throws Exception {
    touch();
    FaultScript undisturbed = FaultScript.of();
    assertTrue(verification(undisturbed).isEqual());
    assertTrue(undisturbed.log().toString().contains("/.check/"), undisturbed.log()::toString);
    return undisturbed.log().entries().stream()
        .map(
            command ->
                DynamicTest.dynamicTest(
                    "after " + command,
                    () -> {
                      syncOnce();
                      touch();
                      stopVerification(command.number());
                      aftermath.run();
                    }));
  }

  private void touch() {
    TREE.forEach(path -> there.touch(THERE + path));
  }

  private void stopVerification(int command) throws InterruptedException {
    FaultScript disturbed = FaultScript.of(new Fault.After(command, Fault.Kind.CRASH));
    try {
      verification(disturbed);
    } catch (SimulatedCrash | ReplicationException e) {
      // what it left is what this is about
    }
    assertTrue(disturbed.wasHit());
  }

  private Verification verification(FaultScript script) throws InterruptedException {
    return pair(filesystem(script, here, HERE), filesystem(script, there, THERE), keeping())
        .verify(SyncListener.NONE);
  }

  // ------------------------------------------------------------------ helpers

  private SyncReport forth(FaultScript script, SyncPolicy policy) throws InterruptedException {
    return pair(filesystem(script, here, HERE), filesystem(script, there, THERE), policy)
        .sync(SyncListener.NONE);
  }

  private SyncReport back() throws InterruptedException {
    FaultScript script = FaultScript.of();
    return pair(filesystem(script, there, THERE), filesystem(script, here, HERE), keeping())
        .sync(SyncListener.NONE);
  }

  private static SyncPolicy keeping() {
    return SyncPolicy.builder(OnDivergence.KEEP_ASIDE).acceptRoleChange(true).build();
  }

  private static SyncPolicy beginningAnew() {
    return keeping().toBuilder().onBrokenChain(OnBrokenChain.FULL).build();
  }

  private static ReplicationPair pair(Filesystem source, Filesystem target, SyncPolicy policy) {
    return ReplicationPair.builder("data-dr")
        .source(source)
        .target(target)
        .recursive(true)
        .policy(policy)
        .build();
  }

  private static Filesystem filesystem(FaultScript script, FakeBtrfs host, String path) {
    return Filesystem.of(BtrfsBackend.on(script.wrap(host)), FilesystemName.of(path));
  }

  private static void write(FakeBtrfs host, String top, String text) {
    TREE.forEach(path -> host.write(top + path, "file", text));
  }

  private static void succeed(SyncReport report) {
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
  }

  private void assertBothHold(String text) {
    for (String path : TREE) {
      assertEquals(text, here.content(HERE + path).get("file"));
      assertEquals(text, there.content(THERE + path).get("file"));
    }
  }

  private void assertNothingLeft() {
    assertEquals(Set.of(), BtrfsLeftovers.among(here.subvolumes()));
    assertEquals(Set.of(), BtrfsLeftovers.among(there.subvolumes()));
  }
}
