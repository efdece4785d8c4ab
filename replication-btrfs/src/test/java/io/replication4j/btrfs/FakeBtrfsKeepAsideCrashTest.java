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
import io.replication4j.SyncStep;
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
 * A sync that keeps a changed copy aside is stopped after every command; the next run must end with
 * the target in sync, the change kept once, and nothing of ours left.
 */
class FakeBtrfsKeepAsideCrashTest {

  private static final List<String> TREE = List.of("", "a");

  private FakeBtrfs here;
  private FakeBtrfs there;

  @TestFactory
  Stream<DynamicTest> whereNamesAreExchanged() throws Exception {
    return Stream.concat(matrix(FakeBtrfs.Exchange.PERL, ""), matrix(FakeBtrfs.Exchange.PERL, "a"));
  }

  @TestFactory
  Stream<DynamicTest> whereNamesAreOnlyRenamed() throws Exception {
    return Stream.concat(matrix(FakeBtrfs.Exchange.NONE, ""), matrix(FakeBtrfs.Exchange.NONE, "a"));
  }

  private Stream<DynamicTest> matrix(FakeBtrfs.Exchange exchange, String changed) throws Exception {
    begin(exchange, changed);
    FaultScript undisturbed = FaultScript.of();
    assertTrue(sync(undisturbed).succeeded());
    assertEnd(changed);
    List<DynamicTest> tests = new ArrayList<>();
    undisturbed
        .log()
        .entries()
        .forEach(
            command ->
                tests.add(
                    DynamicTest.dynamicTest(
                        "'" + changed + "' after " + command,
                        () -> survive(exchange, changed, command.number()))));
    return tests.stream();
  }

  private void begin(FakeBtrfs.Exchange exchange, String changed) throws Exception {
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
    there.write(at("/srv/there/copy", changed), "mine", "change");
  }

  private void survive(FakeBtrfs.Exchange exchange, String changed, int command) throws Exception {
    begin(exchange, changed);
    FaultScript disturbed = FaultScript.of(new Fault.After(command, Fault.Kind.CRASH));
    try {
      sync(disturbed);
    } catch (SimulatedCrash | ReplicationException e) {
      // what it left is what this is about
    }
    assertTrue(disturbed.wasHit());
    SyncReport repaired = sync(FaultScript.of());
    assertTrue(repaired.succeeded(), repaired::toString);
    assertTrue(
        repaired.steps().stream()
            .map(SyncReport.StepReport::step)
            .filter(SyncStep.Send.class::isInstance)
            .flatMap(step -> ((SyncStep.Send) step).members().stream())
            .allMatch(member -> member.base().isPresent()));
    assertEnd(changed);
  }

  private SyncReport sync(FaultScript script) throws InterruptedException {
    return ReplicationPair.builder("data-dr")
        .source(filesystem(script, here, "/srv/here/data"))
        .target(filesystem(script, there, "/srv/there/copy"))
        .recursive(true)
        .policy(SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build())
        .build()
        .sync(SyncListener.NONE);
  }

  private static Filesystem filesystem(FaultScript script, FakeBtrfs host, String path) {
    return Filesystem.of(BtrfsBackend.on(script.wrap(host)), FilesystemName.of(path));
  }

  private void assertEnd(String changed) {
    for (String path : TREE) {
      assertEquals(
          here.content(at("/srv/here/data", path)), there.content(at("/srv/there/copy", path)));
    }
    List<String> asides =
        there.subvolumes().stream()
            .filter(path -> path.startsWith("/srv/there/copy") && path.split("/").length == 4)
            .filter(path -> !path.equals("/srv/there/copy"))
            .toList();
    assertEquals(1, asides.size(), asides::toString);
    assertEquals("change", there.content(at(asides.get(0), changed)).get("mine"));
    assertEquals(Set.of(), BtrfsLeftovers.among(there.subvolumes()));
    assertEquals(Set.of(), BtrfsLeftovers.among(here.subvolumes()));
  }

  private static String at(String top, String member) {
    return member.isEmpty() ? top : top + "/" + member;
  }
}
