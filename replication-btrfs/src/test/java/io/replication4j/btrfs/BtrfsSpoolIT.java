package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.NoSpaceException;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import io.replication4j.UnsupportedException;
import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.Fault;
import io.replication4j.testing.FaultScript;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real streams of 64 MiB, cut, and resumed from a spool. */
class BtrfsSpoolIT {

  private static final int MIB = 1 << 20;
  private static final BtrfsOptions SPOOLING = BtrfsOptions.builder().spool(true).build();

  private final LocalCommandRunner local = LocalCommandRunner.create();
  private BtrfsLoop loop;
  private Path data;
  private Path target;
  private Path copy;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    loop = BtrfsLoop.create();
    data = loop.mount("source", 512, "noatime").resolve("data");
    target = loop.mount("target", 512, "noatime");
    copy = target.resolve("copy");
    BtrfsLoop.run("btrfs", "-q", "subvolume", "create", data.toString());
    fill("file", 64, 1);
  }

  @AfterEach
  void close() {
    local.close();
    if (loop != null) {
      loop.close();
    }
  }

  private void fill(String file, int mebibytes, long seed) throws IOException {
    byte[] bytes = new byte[mebibytes * MIB];
    new Random(seed).nextBytes(bytes);
    Files.write(data.resolve(file), bytes);
  }

  @Test
  void onlyTheRestIsMoved() throws Exception {
    cut(new Fault.CutSender(1, 40 * MIB, Fault.Kind.CONNECTION_LOST));
    assertEquals(1, spools().size());
    SyncReport report = sync(SPOOLING, FaultScript.of());
    assertEquals(40 * MIB, report.bytesFound(), MIB, report::toString);
    assertEquals(24 * MIB, report.bytes(), 2 * MIB, report::toString);
    assertArrived();
  }

  @Test
  void anIncrementIsResumedToo() throws Exception {
    sync(SPOOLING, FaultScript.of());
    fill("more", 32, 2);
    cut(new Fault.CutReceiver(1, 20 * MIB));
    SyncReport report = sync(SPOOLING, FaultScript.of());
    assertEquals(20 * MIB, report.bytesFound(), MIB, report::toString);
    assertEquals(12 * MIB, report.bytes(), 2 * MIB, report::toString);
    assertArrived();
  }

  @Test
  void fromTheFirstByteThatDiffersItIsMovedAgain() throws Exception {
    cut(new Fault.CutSender(1, 40 * MIB, Fault.Kind.CONNECTION_LOST));
    try (RandomAccessFile spool = new RandomAccessFile(spools().get(0).toFile(), "rw")) {
      spool.seek(10 * MIB + 5);
      int old = spool.read();
      spool.seek(10 * MIB + 5);
      spool.write(old ^ 1);
    }
    SyncReport report = sync(SPOOLING, FaultScript.of());
    assertEquals(10 * MIB, report.bytesFound());
    assertArrived();
  }

  /** btrfs gives nothing of a block whose checksum is wrong: it does not give another content. */
  @Test
  void whatTheDiskCannotGiveBackIsMovedAgain() throws Exception {
    cut(new Fault.CutSender(1, 40 * MIB, Fault.Kind.CONNECTION_LOST));
    Path spool = spools().get(0);
    flipOnDisk(spool, 10 * MIB + 8192);
    assertThrows(IOException.class, () -> Files.readAllBytes(spool));
    SyncReport report = sync(SPOOLING, FaultScript.of());
    assertEquals(10 * MIB, report.bytesFound());
    assertArrived();
  }

  /** Below btrfs, in the image that it is mounted from. */
  private void flipOnDisk(Path file, int offset) throws IOException {
    BtrfsLoop.run("btrfs", "filesystem", "sync", target.toString());
    byte[] wanted = new byte[4096];
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
      content.seek(offset);
      content.readFully(wanted);
    }
    try (RandomAccessFile image =
        new RandomAccessFile(loop.directory().resolve("target.img").toFile(), "rw")) {
      byte[] block = new byte[wanted.length];
      long at = 0;
      do {
        image.seek(at);
        image.readFully(block);
        at += block.length;
      } while (!Arrays.equals(block, wanted));
      image.seek(at - 1);
      image.write(block[block.length - 1] ^ 1);
    }
    sh("dd if=\"$1\" iflag=nocache count=0 status=none", file);
  }

  @Test
  void whatArrivedWholeIsReceivedWithoutAnotherTransfer() throws Exception {
    assertThrows(
        CommandFailedException.class,
        () -> pair(SPOOLING, new Cut(local), SyncPolicy.refusing()).sync(SyncListener.NONE));
    partialReceive();
    SyncReport report = sync(SPOOLING, FaultScript.of());
    assertEquals(0, report.bytes());
    assertTrue(report.bytesFound() > 64 * MIB);
    assertArrived();
  }

  /** As if {@code btrfs receive} had been killed in the middle of the spool. */
  private void partialReceive() {
    sh(
        "set=$(dirname \"$1\")/tosend-it; mkdir -p \"$set\"; head -c 9000000 \"$1\" | btrfs -q receive"
            + " -- \"$set\" 2>/dev/null; [ -d \"$set/@\" ]",
        spools().get(0));
  }

  @Test
  void ofATreeOnlyTheStreamThatWasCutIsMovedAgain() throws Exception {
    BtrfsLoop.run("btrfs", "-q", "subvolume", "create", data.resolve("nested").toString());
    fill("nested/file", 16, 3);
    cut(new Fault.CutSender(2, 8 * MIB, Fault.Kind.CONNECTION_LOST));
    SyncReport report = sync(SPOOLING, FaultScript.of());
    assertEquals(8 * MIB, report.bytes(), 2 * MIB, report::toString);
    assertEquals(8 * MIB, report.bytesFound(), MIB, report::toString);
    assertArrived();
  }

  @Test
  void withoutTheOptionWhatWasSpooledIsThrownAway() throws Exception {
    cut(new Fault.CutSender(1, 40 * MIB, Fault.Kind.CONNECTION_LOST));
    SyncReport report = sync(BtrfsOptions.defaults(), FaultScript.of());
    assertEquals(0, report.bytesFound());
    assertTrue(report.bytes() > 64 * MIB);
    assertArrived();
  }

  @Test
  void aSpoolThatCouldNotBeReceivedForWantOfRoomIsNotFilledUp() throws Exception {
    fill("big", 230, 4);
    NoSpaceException e =
        assertThrows(NoSpaceException.class, () -> sync(SPOOLING, FaultScript.of()));
    assertTrue(String.valueOf(e.getMessage()).contains("received beside it"), e::getMessage);
    Files.delete(data.resolve("big"));
    assertTrue(sync(BtrfsOptions.defaults(), FaultScript.of()).succeeded());
    assertArrived();
  }

  @Test
  void aSpoolIsNotWrittenDirectly() {
    SyncPolicy direct = SyncPolicy.refusing().toBuilder().route(Route.DIRECT).build();
    assertThrows(UnsupportedException.class, () -> pair(SPOOLING, local, direct).plan());
  }

  private void cut(Fault fault) {
    FaultScript script = FaultScript.of(fault);
    RuntimeException e = assertThrows(RuntimeException.class, () -> sync(SPOOLING, script));
    assertTrue(script.wasHit(), e::toString);
  }

  private SyncReport sync(BtrfsOptions options, FaultScript script) throws InterruptedException {
    return pair(options, script.wrap(local), SyncPolicy.refusing()).sync(SyncListener.NONE);
  }

  private ReplicationPair pair(BtrfsOptions options, CommandRunner runner, SyncPolicy policy) {
    return ReplicationPair.builder("it")
        .source(BtrfsBackend.on(runner, options).filesystem(data.toString()))
        .target(BtrfsBackend.on(runner, options).filesystem(copy.toString()))
        .recursive(true)
        .policy(policy)
        .build();
  }

  private List<Path> spools() {
    return BtrfsLoop.run("find", target.toString(), "-name", "spool-*")
        .lines()
        .map(Path::of)
        .toList();
  }

  private void assertArrived() {
    BtrfsLoop.run("diff", "-r", data.toString(), copy.toString());
    assertEquals(List.of(), spools());
  }

  private static void sh(String script, Path path) {
    BtrfsLoop.run("sh", "-c", script, "sh", path.toString());
  }

  /** A host whose {@code btrfs receive} of a spool is killed before it does anything. */
  private record Cut(CommandRunner runner) implements CommandRunner {

    @Override
    public String host() {
      return runner.host();
    }

    @Override
    public CommandResult run(Command command) throws InterruptedException {
      return command.toString().contains("receive -f")
          ? new CommandResult(137, "", "", Duration.ZERO)
          : runner.run(command);
    }

    @Override
    public RunningCommand start(Command command) throws InterruptedException {
      return runner.start(command);
    }

    @Override
    public void close() {}
  }
}
