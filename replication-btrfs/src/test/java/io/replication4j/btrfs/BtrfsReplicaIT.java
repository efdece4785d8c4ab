package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.NoSpaceException;
import io.replication4j.OnDivergence;
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReadOnlyException;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncStep;
import io.replication4j.WrongStorageException;
import io.replication4j.btrfs.testing.BtrfsLeftovers;
import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What only btrfs has: copies, their access times, nested subvolumes; and what may be wrong with a
 * place.
 */
class BtrfsReplicaIT {

  private final CommandRunner runner = LocalCommandRunner.create();
  private BtrfsLoop loop;
  private Path source;
  private Path target;
  private Path data;
  private Path copy;

  @BeforeEach
  void open() {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    loop = BtrfsLoop.create();
    source = loop.mount("source", 512, "relatime");
    target = loop.mount("target", 256, "relatime");
    data = source.resolve("data");
    copy = target.resolve("copy");
    sh(
        "btrfs -q subvolume create '"
            + data
            + "' && cd '"
            + data
            + "' && echo one > file && mkdir dir && echo x > dir/x"
            + " && btrfs -q subvolume create nested && echo n > nested/n");
  }

  @AfterEach
  void close() {
    runner.close();
    if (loop != null) {
      loop.close();
    }
  }

  // ------------------------------------------------------------------ streams

  /**
   * What says that it is whole, but was not on disk when the script that received it was cut, may
   * lack data: a host that loses power leaves it so.
   */
  @Test
  void whatArrivedIsNotBelievedBeforeItIsOnDisk() throws Exception {
    sync();
    sh("echo two > '" + data + "/file'");
    SyncListener stopping =
        new SyncListener() {
          @Override
          public void beforeStep(String name, SyncStep step) {
            if (step instanceof SyncStep.InstallCopy) {
              throw new IllegalStateException("stop here");
            }
          }
        };
    SyncPolicy refusing = SyncPolicy.refusing();
    assertThrows(
        IllegalStateException.class,
        () -> pair(BtrfsBackend.on(runner), data, copy, refusing).sync(stopping));
    sh("cd '" + target + "/.replication4j/copy' && mv tosend-it .receiving-tosend-it");
    SyncReport report = sync();
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
    assertTrue(report.bytes() > 0, report::toString);
    assertEquals(description(data), description(copy));
    String rows = BtrfsLoop.run("btrfs", "subvolume", "list", target.toString());
    assertTrue(rows.lines().noneMatch(row -> row.contains("receiving-")), rows);
  }

  // ------------------------------------------------------------------ copies

  @Test
  void everythingAFilesystemHoldsArrives() throws Exception {
    sh(
        "cd '"
            + data
            + "' && setfattr -n user.a -v b file && setfacl -m u:nobody:r file && ln file hard && ln -s file soft"
            + " && truncate -s 1M holes && echo end >> holes && mkfifo fifo && mknod dev c 1 3 && chown 1234:5678 dir/x"
            + " && chmod 4711 dir/x && touch -d 2001-02-03 dir/x dir");
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEquals(description(data), description(copy));
    sh(
        "cd '"
            + data
            + "' && setfattr -x user.a file && mv dir/x dir/y && rm hard && echo two > file"
            + " && btrfs -q subvolume create nested/deeper && echo d > nested/deeper/d");
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEquals(description(data), description(copy));
  }

  @Test
  void accessTimesAreNoDivergence() throws Exception {
    sync();
    sh(
        "touch -a -d 2030-01-01 '"
            + copy
            + "/file' '"
            + copy
            + "/nested/n' '"
            + copy
            + "'; ls -R '"
            + copy
            + "'");
    sh("echo two > '" + data + "/file'; btrfs filesystem sync '" + target + "'");
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEquals(description(data), description(copy));
  }

  @Test
  void readingTheCopyOverAndOverLeavesOneWitnessOfEach() throws Exception {
    sync();
    for (int i = 0; i < 3; i++) {
      sh("touch -a -d 2030-01-0" + (i + 1) + " '" + copy + "/file' '" + copy + "/nested/n'");
      assertEquals(Outcome.SYNCED, sync().outcome());
    }
    String rows = BtrfsLoop.run("btrfs", "subvolume", "list", target.toString());
    List<String> paths = rows.lines().map(row -> row.replaceFirst("^.* path ", "")).toList();
    assertEquals(Set.of(), BtrfsLeftovers.among(paths));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo changed > file",
        "touch -d 2001-01-01 file",
        "chmod 600 file",
        "rm file",
        "setfattr -n user.a -v b file",
        "mkdir new",
        "mv file renamed",
        "ln file hard",
        "chown 1:1 dir",
        "echo changed > nested/n",
        "btrfs -q subvolume delete nested",
        "btrfs -q subvolume create dir/new",
        "mv nested dir/nested",
        "truncate -s 1M file"
      })
  void everyOtherChangeIs(String change) throws Exception {
    sync();
    sh("cd '" + copy + "' && " + change);
    sh("echo two > '" + data + "/file'");
    String before = description(copy);
    assertInstanceOf(Conflict.Diverged.class, sync().conflict().orElseThrow());
    assertEquals(before, description(copy));
    assertEquals(Outcome.SYNCED, sync(OnDivergence.ROLL_BACK, BtrfsOptions.defaults()).outcome());
    assertEquals(description(data), description(copy));
  }

  @Test
  void aReaderAlwaysFindsAWholeCopy() throws Exception {
    sync();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger missing = new AtomicInteger();
    AtomicInteger found = new AtomicInteger();
    Thread reader =
        new Thread(
            () -> {
              while (!done.get()) {
                (Files.exists(copy.resolve("nested/n")) ? found : missing).incrementAndGet();
              }
            });
    reader.start();
    try {
      for (int i = 0; i < 5; i++) {
        sh("echo round " + i + " > '" + data + "/file'");
        assertEquals(Outcome.SYNCED, sync().outcome());
      }
    } finally {
      done.set(true);
      reader.join();
    }
    assertEquals(0, missing.get());
    assertTrue(found.get() > 0);
  }

  @Test
  void copiesAreReadOnlyIfThatWasChosen() throws Exception {
    BtrfsOptions readOnly = BtrfsOptions.builder().copy(BtrfsOptions.Copy.READ_ONLY).build();
    for (String content : new String[] {"one", "two", "three"}) {
      sh("echo " + content + " > '" + data + "/file'");
      assertEquals(Outcome.SYNCED, sync(OnDivergence.REFUSE, readOnly).outcome());
      assertEquals("ro=true\n", BtrfsLoop.run("btrfs", "property", "get", copy.toString(), "ro"));
      assertEquals(
          "ro=true\n",
          BtrfsLoop.run("btrfs", "property", "get", copy.resolve("nested").toString(), "ro"));
      assertEquals(description(data), description(copy));
    }
    sync(OnDivergence.REFUSE, readOnly); // reading the source above has changed access times
    assertEquals(Outcome.UP_TO_DATE, sync(OnDivergence.REFUSE, readOnly).outcome());
  }

  @Test
  void compressedDataTravelsByTheSecondProtocol() throws Exception {
    BtrfsOptions compressed =
        BtrfsOptions.builder().stream(BtrfsOptions.Stream.VERSION_2_COMPRESSED).build();
    sh(
        "cd '"
            + data
            + "' && btrfs property set . compression zstd && yes | head -c 8M > big && btrfs filesystem sync .");
    SyncReport report = sync(OnDivergence.REFUSE, compressed);
    assertEquals(Outcome.SYNCED, report.outcome());
    assertTrue(report.bytes() < 2 << 20, () -> "bytes: " + report.bytes());
    assertEquals(-1, Files.mismatch(data.resolve("big"), copy.resolve("big")));
  }

  // ------------------------------------------------------------------ reversed roles

  @Test
  void whereSubvolumesWereNestedNothingIsInTheWayOfAReversal() throws Exception {
    sh(
        "cd '"
            + data
            + "' && btrfs -q subvolume create dir/inner && echo i > dir/inner/i"
            + " && btrfs -q subvolume create nested/deeper && echo d > nested/deeper/d");
    sync();
    sh(
        "cd '"
            + copy
            + "' && mv dir/inner moved && rm -r dir && btrfs -q subvolume delete nested/deeper"
            + " && mv nested renamed && echo file > nested && echo more > renamed/n");
    assertEquals(Outcome.SYNCED, syncWhateverTheRoles(copy, data).outcome());
    assertEquals(description(copy), description(data));
    sh("cd '" + data + "' && rm nested && mv renamed nested && btrfs -q subvolume create nested/x");
    assertEquals(Outcome.SYNCED, syncWhateverTheRoles(data, copy).outcome());
    assertEquals(description(data), description(copy));
  }

  private SyncReport syncWhateverTheRoles(Path from, Path to) throws InterruptedException {
    SyncPolicy policy = SyncPolicy.refusing().toBuilder().acceptRoleChange(true).build();
    return pair(BtrfsBackend.on(runner), from, to, policy).sync(SyncListener.NONE);
  }

  // ------------------------------------------------------------------ bad places

  @Test
  void aPlaceOnAnotherStorageIsRefused() {
    data = loop.directory().resolve("elsewhere");
    assertThrows(WrongStorageException.class, this::sync);
  }

  @Test
  void aPlainDirectoryIsNoSubvolume() {
    data = data.resolve("dir");
    assertThrows(WrongStorageException.class, this::sync);
  }

  @Test
  void aSymbolicLinkIsNoSubvolume() {
    sh("ln -s data '" + source + "/link'");
    data = source.resolve("link");
    assertThrows(WrongStorageException.class, this::sync);
  }

  @Test
  void aMountPointCannotBeReplaced() throws Exception {
    sync();
    Path mounted = loop.directory().resolve("mounted");
    sh(
        "mkdir '"
            + mounted
            + "' && mount -o subvol=copy $(findmnt -n -o SOURCE '"
            + target
            + "' | sed 's/\\[.*//') '"
            + mounted
            + "'");
    try {
      copy = mounted;
      SyncReport report = sync(OnDivergence.ROLL_BACK, BtrfsOptions.defaults());
      assertTrue(
          report.outcome() == Outcome.BLOCKED || report.outcome() == Outcome.FAILED,
          report::toString);
    } catch (BusyException expected) {
      assertTrue(expected.getMessage().contains("mount point"));
    } finally {
      sh("umount '" + mounted + "'");
    }
  }

  @Test
  void aReadOnlyTargetIsSaidToBe() throws Exception {
    for (int round = 0; round < 2; round++) { // without anything of ours there, and with it
      sh("echo " + round + " > '" + data + "/file'; mount -o remount,ro '" + target + "'");
      ReadOnlyException refused = assertThrows(ReadOnlyException.class, this::sync);
      assertTrue(refused.getMessage().contains("mount it read-write"), refused.getMessage());
      sh("mount -o remount,rw '" + target + "'");
      assertEquals(Outcome.SYNCED, sync().outcome());
    }
    assertEquals(description(data), description(copy));
  }

  @Test
  void aFullTargetLosesNothingAndIsCaughtUpLater() throws Exception {
    sync();
    String before = description(copy);
    sh("dd if=/dev/urandom of='" + data + "/big' bs=1M count=300 status=none");
    assertThrows(NoSpaceException.class, this::sync);
    assertEquals(before, description(copy));
    sh("rm '" + data + "/big'");
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEquals(description(data), description(copy));
  }

  /** A stream whose network was cut: bytes that are on their way may still come. */
  @Test
  void aReceiverThatOutlivedItsSyncKeepsOthersAway() throws Exception {
    sync();
    Path set = target.resolve(".replication4j/copy/tosend-it");
    Path in = target.resolve(".replication4j/copy/.receiving-tosend-it");
    Path stream = loop.directory().resolve("stream");
    sh("btrfs -q send '" + source + "/.replication4j/data/sent-it/@' > '" + stream + "'");
    byte[] bytes = Files.readAllBytes(stream);
    sh("echo two > '" + data + "/file'");
    try (RunningCommand late = runner.start(BtrfsCommands.receive(set.toString(), in.toString()))) {
      late.stdin().write(bytes, 0, bytes.length / 2);
      late.stdin().flush();
      long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (!Files.exists(in.resolve("@/file")) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThrows(BusyException.class, this::sync);
      assertTrue(Files.exists(in.resolve("@/file")));
    }
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEquals(description(data), description(copy));
  }

  @Test
  void withoutPrivilegeItIsSaidWhatIsMissing() {
    CommandRunner nobody =
        LocalCommandRunner.withPrivilege(
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    assertThrows(
        PermissionDeniedException.class,
        () -> pair(nobody, OnDivergence.REFUSE, BtrfsOptions.defaults()).plan());
    nobody.close();
  }

  // ------------------------------------------------------------------

  private SyncReport sync() throws InterruptedException {
    return sync(OnDivergence.REFUSE, BtrfsOptions.defaults());
  }

  private SyncReport sync(OnDivergence onDivergence, BtrfsOptions options)
      throws InterruptedException {
    return pair(runner, onDivergence, options).sync(SyncListener.NONE);
  }

  private ReplicationPair pair(
      CommandRunner through, OnDivergence onDivergence, BtrfsOptions options) {
    SyncPolicy policy = SyncPolicy.builder(onDivergence).build();
    return pair(BtrfsBackend.on(through, options), data, copy, policy);
  }

  private static ReplicationPair pair(BtrfsBackend backend, Path from, Path to, SyncPolicy policy) {
    return ReplicationPair.builder("it")
        .source(backend.filesystem(from.toString()))
        .target(backend.filesystem(to.toString()))
        .recursive(true)
        .policy(policy)
        .build();
  }

  private static void sh(String script) {
    BtrfsLoop.run("sh", "-e", "-c", script);
  }

  /**
   * Every file with its type, mode, owner, links, size, blocks allocated, time, attributes, ACL,
   * and the digest of its contents.
   */
  private static String description(Path top) throws IOException {
    return BtrfsLoop.run(
        "sh",
        "-c",
        "cd \"$1\" && find . -type d -printf '%p d %m %U:%G %T@\\n' -o -printf '%p %y %m %U:%G %n %s %T@ %l\\n' | sort"
            + " && find . -type f -print0 | sort -z | xargs -0 -r md5sum"
            + " && find . -print0 | sort -z | xargs -0 getfacl -P -n && find . -print0 | sort -z | xargs -0 getfattr -h -d -m -",
        "sh",
        top.toString());
  }
}
