package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.BusyException;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.command.LocalCommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The top of a btrfs, and subvolumes that are mounted by themselves: good sources, no targets. */
class BtrfsMountIT {

  private final LocalCommandRunner runner = LocalCommandRunner.create();
  private BtrfsLoop loop;
  private Path pool;
  private Path backup;
  private Path copy;

  @BeforeEach
  void open() {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    loop = BtrfsLoop.create();
    pool = loop.mount("pool", 256, "noatime");
    backup = loop.mount("backup", 256, "noatime");
    copy = backup.resolve("copy");
    fill(pool);
  }

  private static void fill(Path top) {
    sh(
        top,
        "echo one > file; mkdir dir; btrfs -q subvolume create dir/nested; echo n > dir/nested/n;"
            + " btrfs -q subvolume create dir/nested/deeper; echo d > dir/nested/deeper/d");
  }

  @AfterEach
  void close() {
    runner.close();
    if (loop != null) {
      loop.close();
    }
  }

  @Test
  void theTopOfAFilesystemIsReplicatedWithAllThatIsInIt() throws Exception {
    arrivesFromNowOn(pool);
  }

  @Test
  void theTopAlone() throws Exception {
    assertEquals(Outcome.SYNCED, sync(pool, false));
    sh(pool, "echo two > file");
    assertEquals(Outcome.SYNCED, sync(pool, false));
    assertEquals("two\n", Files.readString(copy.resolve("file")));
    assertFalse(Files.exists(copy.resolve("dir/nested/n")));
    assertEquals(Outcome.UP_TO_DATE, sync(pool, false));
  }

  @Test
  void theTopKeepsItsBaseWhenItIsMountedElsewhere() throws Exception {
    assertEquals(Outcome.SYNCED, sync(pool, true));
    Path elsewhere = mountAgain("/", "elsewhere");
    sh(elsewhere, "echo two > file");
    assertEquals(Outcome.SYNCED, sync(elsewhere, true));
    assertArrived(elsewhere);
  }

  @Test
  void aSubvolumeOfTheNameOfItsMountPointHasAPlaceOfItsOwn() throws Exception {
    sh(pool, "btrfs -q subvolume create pool; echo p > pool/p");
    assertEquals(Outcome.SYNCED, sync(pool, true));
    Path whole = copy;
    copy = backup.resolve("inner");
    assertEquals(Outcome.SYNCED, sync(pool.resolve("pool"), true));
    assertArrived(pool.resolve("pool"));
    assertEquals(Outcome.UP_TO_DATE, sync(pool.resolve("pool"), true));
    copy = whole;
    assertEquals(Outcome.UP_TO_DATE, sync(pool, true)); // the other's snapshot is no change
    assertArrived(pool);
    sh(pool, "echo more >> pool/p");
    assertEquals(Outcome.SYNCED, sync(pool, true));
    assertArrived(pool);
    copy = backup.resolve("inner");
    assertEquals(Outcome.SYNCED, sync(pool.resolve("pool"), true));
    assertEquals(Outcome.UP_TO_DATE, sync(pool.resolve("pool"), true));
  }

  @Test
  void aMountedSubvolumeIsReplicatedWithAllThatIsInIt() throws Exception {
    sh(pool, "btrfs -q subvolume create mine");
    fill(pool.resolve("mine"));
    arrivesFromNowOn(mountAgain("/mine", "mine"));
  }

  @Test
  void theTopIsNoTarget() throws Exception {
    copy = backup;
    assertMessage(assertThrows(BusyException.class, () -> replaced(pool)), "the top of its btrfs");
    assertEquals("", BtrfsLoop.run("btrfs", "subvolume", "list", backup.toString()));
  }

  @Test
  void aMountPointIsNoTarget() throws Exception {
    BtrfsLoop.run("btrfs", "-q", "subvolume", "create", backup.resolve("sub").toString());
    copy = loop.mountAgain(backup, "/sub", "there");
    assertMessage(assertThrows(BusyException.class, () -> replaced(pool)), "a mount point");
  }

  private static void assertMessage(BusyException e, String part) {
    assertTrue(String.valueOf(e.getMessage()).contains(part), e::getMessage);
  }

  // ------------------------------------------------------------------

  private void arrivesFromNowOn(Path source) throws Exception {
    assertEquals(Outcome.SYNCED, sync(source, true));
    assertArrived(source);
    assertEquals(Outcome.UP_TO_DATE, sync(source, true));
    sh(source, "echo two >> file");
    assertEquals(Outcome.SYNCED, sync(source, true));
    assertArrived(source);
    sh(
        source,
        "echo three >> dir/nested/deeper/d; rm dir/nested/n; btrfs -q subvolume create new; echo x > new/x");
    assertEquals(Outcome.SYNCED, sync(source, true));
    assertArrived(source);
    sh(source, "mv new renamed; btrfs -q subvolume delete dir/nested/deeper; echo y > renamed/y");
    assertEquals(Outcome.SYNCED, sync(source, true));
    assertArrived(source);
    assertEquals(Outcome.UP_TO_DATE, sync(source, true));
  }

  /** All but what is ours. */
  private void assertArrived(Path source) {
    String contents =
        "find . -name .replication4j -prune -o -printf '%p %y %m %i\\n' | sed -E 's/ ([0-9]{3,}) [0-9]+$/ \\1/' | sort;"
            + " find . -name .replication4j -prune -o -type f -print0 | sort -z | xargs -0 md5sum";
    assertEquals(sh(source, contents), sh(copy, contents));
    assertFalse(Files.exists(copy.resolve(".replication4j")), "what is ours travelled too");
  }

  private Path mountAgain(String subvolume, String name) {
    return loop.mountAgain(pool, subvolume, name);
  }

  private Outcome sync(Path source, boolean recursive) throws InterruptedException {
    return sync(source, recursive, OnDivergence.REFUSE);
  }

  private void replaced(Path source) throws InterruptedException {
    sync(source, true, OnDivergence.ROLL_BACK);
  }

  private Outcome sync(Path source, boolean recursive, OnDivergence onDivergence)
      throws InterruptedException {
    BtrfsBackend backend = BtrfsBackend.on(runner);
    return ReplicationPair.builder("it")
        .source(backend.filesystem(source.toString()))
        .target(backend.filesystem(copy.toString()))
        .recursive(recursive)
        .policy(SyncPolicy.builder(onDivergence).build())
        .build()
        .sync(SyncListener.NONE)
        .outcome();
  }

  private static String sh(Path directory, String script) {
    return BtrfsLoop.run("sh", "-e", "-c", "cd \"$1\"; " + script, "sh", directory.toString());
  }
}
