package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.NoSpaceException;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.UnsupportedException;
import io.replication4j.btrfs.BtrfsOptions.Stream;
import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real streams: their formats, and what becomes of one that the target has no room for. */
class BtrfsStreamIT {

  private final LocalCommandRunner local = LocalCommandRunner.create();
  private BtrfsLoop loop;
  private Path data;
  private Path target;
  private Path copy;

  @BeforeEach
  void open() {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    loop = BtrfsLoop.create();
    data = loop.mount("source", 512, "noatime").resolve("data");
    target = loop.mount("target", 256, "noatime");
    copy = target.resolve("copy");
    sh(
        "btrfs -q subvolume create \"$1\"; cd \"$1\"; echo one > file; btrfs -q subvolume create"
            + " nested; echo n > nested/n",
        data);
  }

  @AfterEach
  void close() {
    local.close();
    if (loop != null) {
      loop.close();
    }
  }

  // ------------------------------------------------------------------ formats

  @Test
  void whatBothHostsKnowIsChosen() throws Exception {
    assumeTrue(new StreamFormats(local).sendsCompressed(), "needs btrfs-progs 6.2 and Linux 6.0");
    compress();
    SyncReport report = sync(Stream.AUTO, local);
    assertTrue(report.bytes() < 2 << 20, () -> "bytes: " + report.bytes());
    assertArrived();
    sh("echo two > \"$1/file\"", data);
    assertEquals(Outcome.SYNCED, sync(Stream.VERSION_1, local).outcome());
    assertArrived();
  }

  @Test
  void anOldReceiverGetsWhatItKnows() throws Exception {
    compress();
    SyncReport report = sync(Stream.AUTO, new Receiver("btrfs-progs v6.1"));
    assertTrue(report.bytes() > 8 << 20, () -> "bytes: " + report.bytes());
    assertArrived();
  }

  @Test
  void anOldReceiverIsSentNothingThatItWouldWriteWrongly() {
    UnsupportedException e =
        assertThrows(
            UnsupportedException.class,
            () -> sync(Stream.VERSION_2_COMPRESSED, new Receiver("btrfs-progs v6.1")));
    assertTrue(
        String.valueOf(e.getMessage()).contains("choose BtrfsOptions.Stream.AUTO"), e::getMessage);
    assertTrue(Files.notExists(copy));
  }

  private void compress() {
    sh(
        "cd \"$1\"; btrfs property set . compression zstd; yes | head -c 8388608 > big; btrfs"
            + " filesystem sync .",
        data);
  }

  // ------------------------------------------------------------------ room

  @Test
  void aQuotaThatIsUsedUpInTheMiddleLosesNothingAndIsCaughtUpLater() throws Exception {
    sh("btrfs quota enable \"$1\"", target);
    assertEquals(Outcome.SYNCED, sync(Stream.VERSION_1, local).outcome());
    String before = contents(copy);
    sh("head -c 40000000 /dev/urandom > \"$1/big\"", data);
    NoSpaceException e =
        assertThrows(NoSpaceException.class, () -> sync(Stream.VERSION_1, new Receiver("")));
    assertTrue(String.valueOf(e.getMessage()).contains("quota"), e::getMessage);
    assertEquals(before, contents(copy));
    assertEquals(Outcome.SYNCED, sync(Stream.VERSION_1, local).outcome());
    assertArrived();
  }

  @Test
  void aFilesystemThatGetsFullInTheMiddleOfAFirstStreamIsCaughtUpLater() throws Exception {
    sh("head -c 300000000 /dev/urandom > \"$1/big\"", data);
    assertThrows(NoSpaceException.class, () -> sync(Stream.VERSION_1, local));
    assertTrue(Files.notExists(copy));
    sh("rm \"$1/big\"", data);
    assertEquals(Outcome.SYNCED, sync(Stream.VERSION_1, local).outcome());
    assertArrived();
    assertEquals(Outcome.UP_TO_DATE, sync(Stream.VERSION_1, local).outcome());
  }

  // ------------------------------------------------------------------ the way

  @Test
  void aPipeOnThisHostCarriesItWithoutPassingThroughHere() throws Exception {
    sh("head -c 20000000 /dev/urandom > \"$1/big\"", data);
    SyncReport full = syncByPipe();
    assertTrue(full.bytes() > 20_000_000, () -> "bytes: " + full.bytes());
    assertArrived();
    sh("echo two > \"$1/file\"; echo more > \"$1/nested/more\"", data);
    SyncReport increment = syncByPipe();
    assertTrue(increment.bytes() < 10_000, () -> "bytes: " + increment.bytes());
    assertArrived();
    assertEquals(Outcome.UP_TO_DATE, syncByPipe().outcome());
  }

  @Test
  void aPipeThatBreaksBecauseTheTargetIsFullIsCaughtUpLater() throws Exception {
    sh("head -c 300000000 /dev/urandom > \"$1/big\"", data);
    assertThrows(NoSpaceException.class, this::syncByPipe);
    assertTrue(Files.notExists(copy));
    sh("rm \"$1/big\"", data);
    assertEquals(Outcome.SYNCED, syncByPipe().outcome());
    assertArrived();
  }

  private SyncReport syncByPipe() throws InterruptedException {
    return sync(
        Stream.AUTO, local, SyncPolicy.builder(OnDivergence.REFUSE).route(Route.DIRECT).build());
  }

  // ------------------------------------------------------------------

  private void assertArrived() {
    assertEquals(contents(data), contents(copy));
  }

  private static String contents(Path top) {
    return sh("cd \"$1\"; find . -type f -print0 | sort -z | xargs -0 md5sum", top);
  }

  private SyncReport sync(Stream stream, CommandRunner receiver) throws InterruptedException {
    return sync(stream, receiver, SyncPolicy.refusing());
  }

  private SyncReport sync(Stream stream, CommandRunner receiver, SyncPolicy policy)
      throws InterruptedException {
    BtrfsOptions options = BtrfsOptions.builder().stream(stream).build();
    return ReplicationPair.builder("it")
        .source(BtrfsBackend.on(local, options).filesystem(data.toString()))
        .target(BtrfsBackend.on(receiver, options).filesystem(copy.toString()))
        .recursive(true)
        .policy(policy)
        .build()
        .sync(SyncListener.NONE);
  }

  private static String sh(String script, Path argument) {
    return BtrfsLoop.run("sh", "-e", "-c", script, "sh", argument.toString());
  }

  /**
   * This machine with another version of the tool; without one, it limits what is being received,
   * in the middle of it.
   */
  private final class Receiver implements CommandRunner {

    private final String version;

    Receiver(String version) {
      this.version = version;
    }

    @Override
    public String host() {
      return local.host();
    }

    @Override
    public CommandResult run(Command command) throws InterruptedException {
      return command.argv().equals(BtrfsCommands.version().argv())
          ? new CommandResult(0, version + "\n", "", Duration.ZERO)
          : local.run(command);
    }

    @Override
    public RunningCommand start(Command command) throws InterruptedException {
      RunningCommand running = local.start(command);
      return version.isEmpty() && command.verb().equals("receive snapshots")
          ? new Limited(running)
          : running;
    }

    @Override
    public void close() {}
  }

  /** After 8 MiB, what is received may become no larger than 12. */
  private final class Limited extends FilterOutputStream implements RunningCommand {

    private final RunningCommand running;
    private long written;

    Limited(RunningCommand running) {
      super(running.stdin());
      this.running = running;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      boolean before = written < 8 << 20;
      out.write(bytes, from, length);
      written += length;
      if (before && written >= 8 << 20) {
        sh(
            "btrfs qgroup limit 12M \"$1\"",
            target.resolve(".replication4j/copy/.receiving-tosend-it/@"));
      }
    }

    @Override
    public OutputStream stdin() {
      return this;
    }

    @Override
    public InputStream stdout() {
      return running.stdout();
    }

    @Override
    public String errorTail() {
      return running.errorTail();
    }

    @Override
    public int waitFor() throws InterruptedException {
      return running.waitFor();
    }

    @Override
    public void close() {
      running.close();
    }
  }
}
