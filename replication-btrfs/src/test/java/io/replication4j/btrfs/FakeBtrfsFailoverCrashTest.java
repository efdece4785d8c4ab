package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A sync is stopped after every command, people go on working on the target, and it becomes the
 * source: nothing that was written on either side may be lost, nothing of ours be left.
 */
class FakeBtrfsFailoverCrashTest {

  private static final List<String> TREE = List.of("", "a");

  private FakeBtrfs here;
  private FakeBtrfs there;

  @TestFactory
  Stream<DynamicTest> whereNamesAreExchanged() throws Exception {
    return matrix(FakeBtrfs.Exchange.PERL, false);
  }

  @TestFactory
  Stream<DynamicTest> whereNamesAreOnlyRenamed() throws Exception {
    return matrix(FakeBtrfs.Exchange.NONE, false);
  }

  @TestFactory
  Stream<DynamicTest> whereAChangedCopyIsExchanged() throws Exception {
    return matrix(FakeBtrfs.Exchange.PERL, true);
  }

  @TestFactory
  Stream<DynamicTest> whereAChangedCopyIsRenamed() throws Exception {
    return matrix(FakeBtrfs.Exchange.NONE, true);
  }

  private Stream<DynamicTest> matrix(FakeBtrfs.Exchange exchange, boolean changed)
      throws Exception {
    begin(exchange, changed);
    FaultScript undisturbed = FaultScript.of();
    assertTrue(sync(undisturbed).succeeded());
    List<DynamicTest> tests = new ArrayList<>();
    undisturbed
        .log()
        .entries()
        .forEach(
            command ->
                tests.add(
                    DynamicTest.dynamicTest(
                        "after " + command, () -> survive(exchange, changed, command.number()))));
    return tests.stream();
  }

  private void begin(FakeBtrfs.Exchange exchange, boolean changed) throws Exception {
    here = FakeBtrfs.mounted("here", "/srv/here", exchange, Clock.systemUTC());
    there = FakeBtrfs.mounted("there", "/srv/there", exchange, Clock.systemUTC());
    for (String path : TREE) {
      here.createSubvolume(at("/srv/here/data", path));
      here.write(at("/srv/here/data", path), "file", "one");
    }
    assertTrue(sync(FaultScript.of()).succeeded());
    for (String path : TREE) {
      here.write(at("/srv/here/data", path), "file", "two");
    }
    if (changed) {
      there.write("/srv/there/copy", "mine", "change");
    }
  }

  private void survive(FakeBtrfs.Exchange exchange, boolean changed, int command) throws Exception {
    begin(exchange, changed);
    FaultScript disturbed = FaultScript.of(new Fault.After(command, Fault.Kind.CRASH));
    try {
      sync(disturbed);
    } catch (SimulatedCrash | ReplicationException e) {
      // what it left is what this is about
    }
    assertTrue(disturbed.wasHit());
    boolean standing = there.exists("/srv/there/copy"); // not for a moment, between two renames
    assertTrue(standing || exchange == FakeBtrfs.Exchange.NONE);
    if (standing) {
      there.write("/srv/there/copy", "own", "after the failover");
    }
    SyncReport report = failOver();
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
    assertEquals(
        standing ? "after the failover" : null, there.content("/srv/there/copy").get("own"));
    for (String path : TREE) {
      assertEquals(
          there.content(at("/srv/there/copy", path)), here.content(at("/srv/here/data", path)));
    }
    assertSomewhere(here, "file", "two");
    assertEquals(Set.of(), BtrfsLeftovers.among(there.subvolumes()));
    SyncReport idle = failOver();
    assertEquals(Outcome.UP_TO_DATE, idle.outcome(), idle::toString);
    failBack();
    if (changed) { // may have waited beside its place until now
      assertSomewhere(there, "mine", "change");
    }
  }

  /** What the other role leaves goes with it. */
  private void failBack() throws InterruptedException {
    here.write("/srv/here/data", "file", "three");
    SyncReport report = sync(FaultScript.of());
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
    for (String path : TREE) {
      assertEquals(
          here.content(at("/srv/here/data", path)), there.content(at("/srv/there/copy", path)));
    }
    assertEquals(Set.of(), BtrfsLeftovers.among(there.subvolumes()));
    assertEquals(Set.of(), BtrfsLeftovers.among(here.subvolumes()));
  }

  private SyncReport sync(FaultScript script) throws InterruptedException {
    return pair(
            filesystem(script, here, "/srv/here/data"),
            filesystem(script, there, "/srv/there/copy"))
        .sync(SyncListener.NONE);
  }

  private SyncReport failOver() throws InterruptedException {
    FaultScript script = FaultScript.of();
    return pair(
            filesystem(script, there, "/srv/there/copy"),
            filesystem(script, here, "/srv/here/data"))
        .sync(SyncListener.NONE);
  }

  private static ReplicationPair pair(Filesystem source, Filesystem target) {
    return ReplicationPair.builder("data-dr")
        .source(source)
        .target(target)
        .recursive(true)
        .policy(SyncPolicy.builder(OnDivergence.KEEP_ASIDE).acceptRoleChange(true).build())
        .build();
  }

  private static Filesystem filesystem(FaultScript script, FakeBtrfs host, String path) {
    return Filesystem.of(BtrfsBackend.on(script.wrap(host)), FilesystemName.of(path));
  }

  /** At the place itself, or kept beside it, or in a snapshot that is kept. */
  private static void assertSomewhere(FakeBtrfs host, String file, String text) {
    assertTrue(
        host.subvolumes().stream()
            .filter(path -> !path.contains(BtrfsLayout.DIRECTORY) || path.contains("/aside-"))
            .anyMatch(path -> text.equals(host.content(path).get(file))),
        () -> file + " of " + text + " is nowhere in " + host.subvolumes());
  }

  private static String at(String top, String member) {
    return member.isEmpty() ? top : top + "/" + member;
  }
}
