package io.replication4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.replication4j.NoSpaceException;
import io.replication4j.ReplicationException;
import io.replication4j.TransferStalledException;
import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.SshDestination;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.OpenSshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stream from one real OpenSSH server to another, or within one, without passing through here.
 */
@Timeout(60)
class DirectTransferIT {

  private static final Duration STALL = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private OpenSshServer target;
  private OpenSshServer source;
  private CommandRunner targetRunner;
  private CommandRunner sourceRunner;
  private final AtomicLong moved = new AtomicLong();

  /**
   * The source's ssh finds its key and the target's host key, as an administrator would have set it
   * up.
   */
  @BeforeEach
  void start() throws Exception {
    target = OpenSshServer.start();
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Path ssh = bin.resolve("ssh");
    Files.writeString(
        ssh,
        "#!/bin/sh\nexec /usr/bin/ssh -F none -i '"
            + target.identity()
            + "' -o UserKnownHostsFile='"
            + target.knownHosts()
            + "' \"$@\"\n");
    assertTrue(ssh.toFile().setExecutable(true));
    source = OpenSshServer.start("SetEnv PATH=" + bin + ":/usr/bin:/bin");
    targetRunner = connect(target);
    sourceRunner = connect(source);
  }

  private static CommandRunner connect(OpenSshServer server) throws InterruptedException {
    return SshCommandRunner.connect(
        SshOptions.builder(server.address())
            .identity(server.identity())
            .knownHosts(server.knownHosts())
            .build());
  }

  @AfterEach
  void stop() throws IOException {
    sourceRunner.close();
    targetRunner.close();
    source.close();
    target.close();
  }

  private static StorageBackend backend(CommandRunner runner, ReplicationException failure) {
    StorageBackend backend = mock(StorageBackend.class);
    when(backend.runner()).thenReturn(runner);
    when(backend.failure(any(), any())).thenReturn(failure);
    return backend;
  }

  private StreamTransfer.Outcome move(Command send, Command receive, Duration stall)
      throws InterruptedException {
    return move(send, targetRunner, receive, stall);
  }

  private StreamTransfer.Outcome move(
      Command send, CommandRunner receiver, Command receive, Duration stall)
      throws InterruptedException {
    return new DirectTransfer(
            backend(sourceRunner, new CommandFailedException("send", 1)),
            send,
            backend(receiver, new NoSpaceException("receive", null)),
            receive,
            Optional.empty(),
            stall,
            moved::set)
        .run();
  }

  @Test
  void everyByteArrivesAndIsCounted() throws Exception {
    Path from = Files.write(directory.resolve("an odd 'name' $(x);"), new byte[3_000_000]);
    Path to = directory.resolve("received");
    StreamTransfer.Outcome outcome =
        move(
            Command.of("cat", from.toString()), Command.of("dd", "of=" + to, "status=none"), STALL);
    assertEquals(3_000_000, Files.size(to));
    assertEquals(3_000_000, outcome.bytes());
    assertEquals(0, outcome.sent().exitStatus());
  }

  @Test
  void failureOfTheReceiverIsTheReceivers() {
    assertThrows(
        NoSpaceException.class,
        () -> move(Command.of("cat", "/dev/zero"), Command.of("false"), STALL));
  }

  @Test
  void failureOfTheSenderIsTheSenders() {
    assertThrows(
        CommandFailedException.class, () -> move(Command.of("false"), Command.of("cat"), STALL));
  }

  @Test
  void targetThatCannotBeReachedFromThereIsAConnectionNotAStatus() throws Exception {
    target.close();
    assertThrows(
        ConnectionLostException.class, () -> move(Command.of("true"), Command.of("cat"), STALL));
  }

  @Test
  void streamThatStandsStillIsEnded() {
    assertThrows(
        TransferStalledException.class,
        () -> move(Command.of("sleep", "50"), Command.of("cat"), Duration.ofSeconds(1)));
  }

  @Test
  void onOneHostItIsAPipeThere() throws Exception {
    target.close(); // nobody connects to it
    Path from = Files.write(directory.resolve("an odd 'name' $(x);"), new byte[3_000_000]);
    Path to = directory.resolve("it's \"received\"");
    StreamTransfer.Outcome outcome =
        move(
            Command.of("cat", from.toString()),
            sourceRunner,
            Command.of("dd", "of=" + to, "status=none"),
            STALL);
    assertEquals(3_000_000, Files.size(to));
    assertEquals(3_000_000, outcome.bytes());
  }

  @Test
  void onOneHostAStatusOf255IsTheReceivers() {
    assertThrows(
        NoSpaceException.class,
        () ->
            move(
                Command.of("cat", "/dev/zero"),
                sourceRunner,
                Command.of("sh", "-c", "exit 255"),
                STALL));
    assertThrows(
        CommandFailedException.class,
        () -> move(Command.of("false"), sourceRunner, Command.of("cat"), STALL));
  }

  @Test
  void streamThatStandsStillIsEndedOnOneHostToo() throws Exception {
    Path pid = directory.resolve("pid");
    assertThrows(
        TransferStalledException.class,
        () ->
            move(
                Command.of("sh", "-c", "echo $$ >\"$1\"; exec sleep 50", "sh", pid.toString()),
                sourceRunner,
                Command.of("cat"),
                Duration.ofSeconds(1)));
    Optional<ProcessHandle> sender =
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
    if (sender.isPresent()) { // fails unless it ends
      sender.get().onExit().get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void anotherUserOfTheSameHostIsNoPipe() {
    CommandRunner sender = runner("root");
    CommandRunner receiver = runner("backup");
    Command both =
        DirectTransfer.command(
            backend(sender, new NoSpaceException("send", null)),
            Command.of("true"),
            backend(receiver, new NoSpaceException("receive", null)),
            Command.of("cat"));
    assertTrue(both.argv(List.of()).contains("backup@host"), both::toString);
  }

  private static CommandRunner runner(String user) {
    CommandRunner runner = mock(CommandRunner.class);
    when(runner.host()).thenReturn("host");
    when(runner.words(any())).thenReturn(List.of("cat"));
    when(runner.destination()).thenReturn(Optional.of(new SshDestination(user, "host", 22)));
    return runner;
  }

  @Test
  void localTargetIsRefusedBeforeAnythingRuns() {
    try (CommandRunner here = LocalCommandRunner.create()) {
      StorageBackend local = backend(here, new NoSpaceException("receive", null));
      assertThrows(
          UnsupportedException.class,
          () ->
              DirectTransfer.command(
                  backend(sourceRunner, new NoSpaceException("send", null)),
                  Command.of("true"),
                  local,
                  Command.of("cat")));
    }
  }

  @Test
  void prefixOfPrivilegeStandsBeforeBothCommandsOnly() {
    Command both =
        DirectTransfer.command(
            backend(sourceRunner, new NoSpaceException("send", null)),
            Command.of("zfs", "send", "a@b"),
            backend(targetRunner, new NoSpaceException("receive", null)),
            Command.of("zfs", "receive", "c"));
    assertEquals("sh", both.argv(List.of("sudo", "-n")).get(0));
    assertTrue(String.join(" ", both.argv(List.of("sudo", "-n"))).endsWith("sudo -n zfs send a@b"));
  }
}
