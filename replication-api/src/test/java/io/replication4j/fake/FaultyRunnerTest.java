package io.replication4j.fake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.CommandTimeoutException;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.FakeHost;
import io.replication4j.testing.Fault;
import io.replication4j.testing.FaultScript;
import io.replication4j.testing.SimulatedCrash;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultyRunnerTest {

  private static final Command SNAPSHOT =
      Command.of("fake", "snapshot", "tank/data", "s", "-", ".");
  private static final Command SEND =
      Command.of("fake", "send", "tank/data", "-", "-", ".", "s", "-", "-");

  private final FakeHost host =
      FakeHost.zfsLike("here", Clock.systemUTC(), FakeHost.countedIds("s"));

  @BeforeEach
  void create() {
    host.create("tank/data");
    host.write("tank/data", "file", "text");
  }

  @Test
  void passesEverythingOnAndRecordsItWithoutFaults() throws InterruptedException {
    FaultScript script = FaultScript.of();
    assertTrue(script.wrap(host).run(SNAPSHOT).succeeded());
    assertEquals("1 here$ fake snapshot tank/data s - .", script.log().toString());
    assertFalse(script.wasHit());
  }

  @Test
  void aCrashBeforeACommandKeepsItFromRunningAndEndsTheProgram() throws InterruptedException {
    FaultScript script = FaultScript.of(new Fault.Before(1, Fault.Kind.CRASH));
    CommandRunner runner = script.wrap(host);
    assertThrows(SimulatedCrash.class, () -> runner.run(SNAPSHOT));
    assertThrows(SimulatedCrash.class, () -> runner.run(SNAPSHOT));
    assertThrows(SimulatedCrash.class, () -> script.wrap(host).start(SEND));
    assertTrue(host.run(SNAPSHOT).succeeded());
  }

  @Test
  void aConnectionLostAfterACommandLosesOnlyTheAnswer() {
    CommandRunner runner =
        FaultScript.of(new Fault.After(1, Fault.Kind.CONNECTION_LOST)).wrap(host);
    assertThrows(ConnectionLostException.class, () -> runner.run(SNAPSHOT));
    assertFalse(host.run(SNAPSHOT).succeeded(), "it had run");
  }

  @Test
  void aWrongExitIsReportedAndTheCommandNotRun() throws InterruptedException {
    CommandRunner runner = FaultScript.of(new Fault.Exit(1, 7, "no")).wrap(host);
    CommandResult result = runner.run(SNAPSHOT);
    assertEquals(7, result.exitStatus());
    assertEquals("no", result.errorTail());
    assertTrue(host.run(SNAPSHOT).succeeded());
  }

  @Test
  void aCommandThatHangsEndsAtItsTimeout() {
    CommandRunner runner = FaultScript.of(new Fault.Hang(1)).wrap(host);
    Command hasty = SNAPSHOT.withTimeout(Duration.ofMillis(1));
    assertThrows(CommandTimeoutException.class, () -> runner.run(hasty));
  }

  @Test
  void aSenderIsCutAfterTheGivenBytes() throws Exception {
    host.run(SNAPSHOT);
    FaultScript script = FaultScript.of(new Fault.CutSender(1, 10, Fault.Kind.CONNECTION_LOST));
    try (RunningCommand sender = script.wrap(host).start(SEND)) {
      assertEquals(10, sender.stdout().read(new byte[100]));
      assertThrows(ConnectionLostException.class, () -> sender.stdout().read());
      assertThrows(ConnectionLostException.class, sender::waitFor);
    }
    assertTrue(script.wasHit());
  }

  @Test
  void aReceiverIsCutAfterTheGivenBytes() throws Exception {
    FaultScript script = FaultScript.of(new Fault.CutReceiver(1, 2));
    try (RunningCommand receiver =
        script.wrap(host).start(Command.of("fake", "receive", "tank/copy"))) {
      receiver.stdin().write(new byte[2]);
      assertThrows(IOException.class, () -> receiver.stdin().write(1));
      assertThrows(ConnectionLostException.class, receiver::waitFor);
    }
  }
}
