package io.replication4j.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** By programs of this machine; what was kept is zeroes. */
class KeptWindowsTest {

  private static final String WINDOW = "head -c 1048576 /dev/zero | sha256sum; ";

  private final StorageBackend backend = mock(StorageBackend.class);
  private final LocalCommandRunner runner = LocalCommandRunner.create();
  private final byte[] zeroes = new byte[KeptWindows.BYTES];

  @BeforeEach
  void mockBackend() {
    when(backend.runner()).thenReturn(runner);
    when(backend.failure(any(), any()))
        .thenAnswer(
            call -> {
              CommandResult result = call.getArgument(1);
              return new CommandFailedException(result.errorTail(), result.exitStatus());
            });
  }

  @AfterEach
  void closeRunner() {
    runner.close();
  }

  private KeptWindows kept(String script) throws InterruptedException {
    return KeptWindows.of(backend, Command.of("sh", "-c", script));
  }

  @Test
  void equalWindowsAreHeldUpToTheLastAndShorterOne() throws Exception {
    try (KeptWindows kept = kept("echo 1048586; " + WINDOW + "head -c 10 /dev/zero | sha256sum")) {
      assertEquals(KeptWindows.BYTES, kept.next());
      assertTrue(kept.holds(zeroes));
      assertEquals(10, kept.next());
      assertTrue(kept.holds(zeroes));
      assertEquals(0, kept.next());
      assertEquals(KeptWindows.BYTES + 10, kept.compared());
    }
  }

  /** As windows of the same content are. */
  @Test
  void theSameDigestTwiceIsTwoWindows() throws Exception {
    try (KeptWindows kept = kept("echo 3145728; " + WINDOW + WINDOW + WINDOW)) {
      byte[] other = zeroes.clone();
      other[KeptWindows.BYTES - 1] = 1;
      assertTrue(kept.holds(zeroes));
      assertFalse(kept.holds(other));
      assertEquals(KeptWindows.BYTES, kept.compared());
    }
  }

  @Test
  void whereThereIsNothingThereIsNoWindow() throws Exception {
    try (KeptWindows nothing = kept("exit 0");
        KeptWindows empty = kept("echo 0")) {
      assertEquals(0, nothing.next());
      assertEquals(0, empty.next());
    }
  }

  /** btrfs gives no byte of a block whose checksum is wrong; a bad sector is the same. */
  @Test
  void whatCannotBeReadDiffers() throws Exception {
    String error = "echo \"split: 'spool-1': Input/output error\" >&2; exit 1";
    try (KeptWindows kept = kept("echo 3145728; " + WINDOW + error)) {
      assertTrue(kept.holds(zeroes));
      assertFalse(kept.holds(zeroes));
      assertEquals(KeptWindows.BYTES, kept.compared());
    }
  }

  /** The status is that of the program behind the pipe, which saw an end. */
  @Test
  void whatCannotBeReadBeforeAPipeDiffersToo() throws Exception {
    String error =
        "{ echo \"dd: error reading '/dev/vg/x': Input/output error\" >&2; exit 1; } | cat";
    try (KeptWindows kept = kept("echo 3145728; " + WINDOW + error)) {
      assertTrue(kept.holds(zeroes));
      assertFalse(kept.holds(zeroes));
    }
  }

  @Test
  void anyOtherFailureIsTheCommands() throws Exception {
    try (KeptWindows kept = kept("echo 3145728; " + WINDOW + "echo no such thing >&2; exit 3");
        KeptWindows silent = kept("echo no such thing >&2; exit 3")) {
      assertTrue(kept.holds(zeroes));
      CommandFailedException e =
          assertThrows(CommandFailedException.class, () -> kept.holds(zeroes));
      assertEquals(3, e.exitStatus());
      assertThrows(CommandFailedException.class, silent::next);
    }
  }

  @Test
  void fewerDigestsThanWindowsAreNoLostConnection() throws Exception {
    try (KeptWindows kept = kept("echo 3145728; " + WINDOW)) {
      assertTrue(kept.holds(zeroes));
      UnexpectedOutputException e =
          assertThrows(UnexpectedOutputException.class, () -> kept.holds(zeroes));
      assertTrue(String.valueOf(e.getMessage()).contains("with status 0"), e::getMessage);
    }
  }

  @Test
  void whatIsNoNumberOrNoDigestIsRefused() throws Exception {
    for (String garbage :
        new String[] {"echo much", "echo -1", "echo 99999999999999999999", "echo", "printf 17"}) {
      try (KeptWindows kept = kept(garbage)) {
        assertThrows(UnexpectedOutputException.class, kept::next, garbage);
      }
    }
    for (String garbage :
        new String[] {"echo", "echo 0123", "yes | tr -d '\\n' | head -c 5000", "printf %064d 0"}) {
      try (KeptWindows kept = kept("echo 3145728; " + garbage)) {
        assertThrows(UnexpectedOutputException.class, () -> kept.holds(zeroes), garbage);
      }
    }
  }
}
