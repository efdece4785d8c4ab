package io.replication4j.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.replication4j.command.HostLocks.State;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of locks whose owner or holder is no more, on this host. */
@Timeout(60)
class HostLocksTest {

  private static final String NAME = "r4j-test-" + ProcessHandle.current().pid();
  private static final Duration SHORT = Duration.ofSeconds(1);

  private final LocalCommandRunner runner = LocalCommandRunner.create();

  @AfterEach
  void close() {
    runner.close();
  }

  @Test
  void staysHeldForManyTimesItsLease() throws Exception {
    try (HostLocks locks = HostLocks.take(runner, List.of(NAME), SHORT)) {
      assertTrue(runner.run(Command.of("sleep", "3")).succeeded());
      locks.requireHeld();
      assertEquals(State.TAKEN, tried());
    }
    assertEquals(State.HELD, tried());
  }

  @Test
  void isGoneWhenNothingIsHeardOfItsOwner() throws Exception {
    try (RunningCommand silent = runner.start(holder("1"))) {
      assertEquals("held\n", read(silent.stdout(), 5));
      assertEquals(State.TAKEN, tried());
      assertEquals(0, silent.waitFor());
      assertEquals(State.HELD, tried());
    }
  }

  @Test
  void isGoneWithItsOwnersEndOfTheStream() throws Exception {
    try (RunningCommand orphan = runner.start(holder("30"))) {
      assertEquals("held\n", read(orphan.stdout(), 5));
      orphan.stdin().close();
      assertEquals(0, orphan.waitFor());
      assertEquals(State.HELD, tried());
    }
  }

  @Test
  void isKnownToBeLostWhenItsHolderHasEnded() throws Exception {
    LocalCommandRunner other = LocalCommandRunner.create();
    try (HostLocks locks = HostLocks.take(other, List.of(NAME), SHORT)) {
      locks.requireHeld();
      other.close();
      assertEquals(State.HELD, tried());
      assertThrows(
          ConnectionLostException.class,
          () -> {
            while (true) {
              locks.requireHeld();
              TimeUnit.MILLISECONDS.sleep(10);
            }
          });
    }
  }

  @Test
  void aHostWithoutTheProgramsSaysSo(@TempDir Path directory) throws Exception {
    for (String program : List.of("id", "mkdir")) {
      Files.createSymbolicLink(directory.resolve(program), path(program));
    }
    List<String> words = new java.util.ArrayList<>(holder("30").argv());
    Path shell = path("sh");
    words.set(0, shell.toString());
    words.addAll(0, List.of("/usr/bin/env", "PATH=" + directory));
    CommandResult result = runner.run(Command.of(words));
    assertEquals(69, result.exitStatus());
    assertEquals("no flock(1)", result.errorTail());
  }

  /** It may have been given, or be somebody else's: nobody knows. */
  @Test
  void aLockWhoseAnswerIsMissingIsNotUnavailable() throws Exception {
    CommandRunner ending = mock();
    when(ending.host()).thenReturn("there");
    when(ending.start(any()))
        .thenAnswer(asked -> runner.start(Command.of("sh", "-c", "echo held; kill -9 $$")));
    assertThrows(
        ConnectionLostException.class,
        () -> HostLocks.take(ending, List.of(NAME, NAME + "-2"), SHORT));
  }

  @Test
  void aNameIsNoPath() {
    assertThrows(
        IllegalArgumentException.class, () -> HostLocks.take(runner, List.of("../passwd")));
  }

  private static Path path(String program) {
    return ProgramPath.find(program).orElseThrow();
  }

  private static Command holder(String seconds) {
    return Command.of("sh", "-c", HostLocks.SCRIPT, HostLocks.TITLE, seconds, NAME);
  }

  private static String read(InputStream in, int bytes) throws IOException {
    return new String(in.readNBytes(bytes), java.nio.charset.StandardCharsets.US_ASCII);
  }

  private State tried() throws InterruptedException {
    try (HostLocks again = HostLocks.take(runner, List.of(NAME))) {
      return again.state(NAME);
    }
  }
}
