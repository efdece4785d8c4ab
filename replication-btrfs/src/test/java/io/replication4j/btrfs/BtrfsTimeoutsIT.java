package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.TransferStalledException;
import io.replication4j.btrfs.testing.BtrfsLeftovers;
import io.replication4j.btrfs.testing.BtrfsLoop;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.CommandTimeoutException;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import io.replication4j.testing.OpenSshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Commands that do not end, on a source behind a real sshd: a program that stands where sudo would
 * lets them stand still.
 */
class BtrfsTimeoutsIT {

  private final CommandRunner there = LocalCommandRunner.create();
  private BtrfsLoop loop;
  private OpenSshServer server;
  private Path target;
  private Path data;
  private Path copy;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(BtrfsLoop.isPossible(), "needs root and loop devices");
    assumeTrue(OpenSshServer.isInstalled(), "needs openssh-server");
    loop = BtrfsLoop.create();
    server = OpenSshServer.start();
    data = loop.mount("source", 256, "noatime").resolve("data");
    target = loop.mount("target", 256, "noatime");
    copy = target.resolve("copy");
    BtrfsLoop.run("btrfs", "-q", "subvolume", "create", data.toString());
    sync(List.of());
    Files.write(data.resolve("file"), new byte[3 << 20]);
  }

  @AfterEach
  void close() throws IOException {
    there.close();
    if (server != null) {
      server.close();
    }
    if (loop != null) {
      loop.close();
    }
  }

  @Test
  void aStreamThatStandsStillIsEndedOnBothHosts() throws Exception {
    List<String> stalling =
        prefix("case $* in *' send '*) \"$@\" | head -c 1000000; exec sleep 86401;; esac");
    assertThrows(TransferStalledException.class, () -> sync(stalling));
    assertGone("sleep 86401");
    assertGone("receive -- " + copy.getParent());
    assertRepaired();
  }

  @Test
  void aStepThatDoesNotEndIsEnded() throws Exception {
    List<String> hanging = prefix("case $* in *' subvolume snapshot '*) exec sleep 86402;; esac");
    assertThrows(CommandTimeoutException.class, () -> sync(hanging));
    assertGone("sleep 86402");
    assertRepaired();
  }

  private List<String> prefix(String script) throws IOException {
    Path program = server.directory().resolve("prefix");
    Files.writeString(program, "#!/bin/sh\n" + script + "\nexec \"$@\"\n");
    assertTrue(program.toFile().setExecutable(true));
    return List.of(program.toString());
  }

  private Outcome sync(List<String> privilege) throws InterruptedException {
    SshOptions options =
        SshOptions.builder(server.address())
            .identity(server.identity())
            .knownHosts(server.knownHosts())
            .privilege(privilege)
            .build();
    SyncPolicy policy =
        SyncPolicy.refusing().toBuilder()
            .stallTimeout(Duration.ofSeconds(3))
            .commandTimeout(Duration.ofSeconds(5))
            .build();
    try (CommandRunner here = SshCommandRunner.connect(options)) {
      return ReplicationPair.builder("it")
          .source(BtrfsBackend.on(here).filesystem(data.toString()))
          .target(BtrfsBackend.on(there).filesystem(copy.toString()))
          .recursive(true)
          .policy(policy)
          .build()
          .sync(SyncListener.NONE)
          .outcome();
    }
  }

  /** The next sync, by another session. */
  private void assertRepaired() throws Exception {
    assertEquals(Outcome.SYNCED, sync(List.of()));
    assertEquals(-1, Files.mismatch(data.resolve("file"), copy.resolve("file")));
    for (Path top : List.of(data.getParent(), target)) {
      String rows = BtrfsLoop.run("btrfs", "subvolume", "list", top.toString());
      List<String> paths = rows.lines().map(row -> row.replaceFirst("^.* path ", "")).toList();
      assertEquals(Set.of(), BtrfsLeftovers.among(paths));
    }
  }

  /** sshd ends what it started a moment after the session is gone. */
  private static void assertGone(String words) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (runs(words) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertTrue(!runs(words), "still runs: " + words);
  }

  private static boolean runs(String words) {
    return ProcessHandle.allProcesses()
        .anyMatch(process -> process.info().commandLine().orElse("").contains(words));
  }
}
