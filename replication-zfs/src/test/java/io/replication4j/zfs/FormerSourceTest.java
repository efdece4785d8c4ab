package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.testing.FaultScript;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A source that became the target is mounted still, and whoever reads it leaves a trace. */
class FormerSourceTest {

  private static final String DATA = "tank/data";
  private static final String COPY = "backup/copy";

  private final FakeZfs here = FakeZfs.modern("here", Clock.systemUTC());
  private final FakeZfs there = FakeZfs.modern("there", Clock.systemUTC());
  private final FaultScript script = FaultScript.of();
  private ZfsOptions options = ZfsOptions.defaults();

  @BeforeEach
  void syncOnce() throws InterruptedException {
    here.createPool("tank");
    there.createPool("backup");
    here.createFilesystem(DATA);
    here.createFilesystem(DATA + "/child");
    here.write(DATA, "file", "one");
    assertEquals(Outcome.SYNCED, forth(true).outcome());
  }

  @Test
  void isReadOnlyFromItsFirstSyncAsATargetOn() throws InterruptedException {
    assertEquals(Outcome.SYNCED, back(true, SyncPolicy.refusing()).outcome());
    assertEquals("on", readonly(here, DATA));
    here.read(DATA);
    here.read(DATA + "/child");
    there.write(COPY, "file", "two");
    assertEquals(Outcome.SYNCED, back(true, SyncPolicy.refusing()).outcome());
    assertEquals("two", here.content(DATA).get("file"));
  }

  @Test
  void isSetOnceAndByThePlanOnly() throws InterruptedException {
    back(true, SyncPolicy.refusing());
    run(here, "zfs", "set", "readonly=off", DATA);
    there.write(COPY, "file", "two");
    assertEquals(Outcome.SYNCED, back(true, SyncPolicy.refusing()).outcome());
    assertEquals("off", readonly(here, DATA));
  }

  @Test
  void isLeftAsItIsWhereReplicasAreNotReadOnly() throws InterruptedException {
    options = ZfsOptions.builder().exclude("readonly").build();
    assertEquals(Outcome.SYNCED, back(true, SyncPolicy.refusing()).outcome());
    assertEquals("off", readonly(here, DATA));
  }

  @Test
  void isLeftAsItIsWhereOthersWouldInheritIt() throws InterruptedException {
    assertEquals(Outcome.SYNCED, back(false, SyncPolicy.refusing()).outcome());
    assertEquals("off", readonly(here, DATA));
  }

  @Test
  void theNewSourceIsLeftAsItIs() throws InterruptedException {
    int before = script.log().size();
    back(true, SyncPolicy.refusing());
    assertTrue(
        script.log().entries().stream()
            .skip(before)
            .filter(entry -> entry.text().contains("readonly="))
            .allMatch(entry -> entry.text().contains("readonly=on " + DATA)),
        () -> script.log().toString());
  }

  @Test
  void keepsItsDataAsideWithoutATouchToWhatStaysMounted() throws InterruptedException {
    here.createFilesystem(DATA + "/child/below");
    assertEquals(Outcome.SYNCED, forth(true).outcome());
    here.write(DATA + "/child", "file", "mine");
    SyncPolicy keeping = SyncPolicy.builder(OnDivergence.KEEP_ASIDE).acceptRoleChange(true).build();
    SyncReport kept = back(true, keeping);
    assertEquals(Outcome.SYNCED, kept.outcome(), kept::toString);
    assertEquals(Map.of("file", "one"), here.content(DATA));
    SyncReport idle = back(true, SyncPolicy.refusing());
    assertEquals(Outcome.UP_TO_DATE, idle.outcome(), idle::toString);
  }

  // ------------------------------------------------------------------ helpers

  private SyncReport forth(boolean recursive) throws InterruptedException {
    return sync(here, DATA, there, COPY, recursive, SyncPolicy.refusing());
  }

  private SyncReport back(boolean recursive, SyncPolicy policy) throws InterruptedException {
    return sync(
        there, COPY, here, DATA, recursive, policy.toBuilder().acceptRoleChange(true).build());
  }

  private SyncReport sync(
      FakeZfs source, String from, FakeZfs target, String to, boolean recursive, SyncPolicy policy)
      throws InterruptedException {
    return ReplicationPair.builder("data-dr")
        .source(filesystem(source, from))
        .target(filesystem(target, to))
        .recursive(recursive)
        .policy(policy)
        .build()
        .sync(SyncListener.NONE);
  }

  private Filesystem filesystem(FakeZfs host, String name) {
    CommandRunner runner = script.wrap(host);
    return ZfsBackend.on(runner, options).filesystem(name);
  }

  private static String readonly(FakeZfs host, String dataset) {
    return host.run(ZfsCommands.property("readonly", dataset)).output().split("\t")[0];
  }

  private static void run(FakeZfs host, String... argv) {
    assertEquals(0, host.run(Command.of(argv)).exitStatus());
  }
}
