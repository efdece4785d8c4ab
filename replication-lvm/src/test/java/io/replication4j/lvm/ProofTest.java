package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.IncompleteTransferException;
import io.replication4j.PermissionDeniedException;
import io.replication4j.TransferStalledException;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.ReportParser.Report;
import io.replication4j.lvm.Tags.Next;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a comparison says when it comes to no result. */
class ProofTest {

  private static final Volume COPY = new Volume("vg", "copy");

  private static LogicalVolume volume(String name, Optional<String> origin, List<String> tags) {
    return new LogicalVolume(
        new Volume("vg", name),
        name,
        1 << 20,
        1 << 20,
        origin,
        Optional.empty(),
        tags,
        origin.isPresent() ? OptionalDouble.of(1) : OptionalDouble.empty(),
        false,
        false,
        true,
        false,
        "linear");
  }

  private static boolean prove(RunningCommand host, Duration stallTimeout)
      throws InterruptedException {
    List<LogicalVolume> volumes =
        List.of(
            volume("copy", Optional.empty(), List.of()),
            volume("copy.sent", Optional.of("copy"), List.of("r4j.id=1-base")));
    View view = View.of(COPY, new Report(Map.of("vg", 1L << 30), volumes));
    Next next = new Next(VersionId.of("2-next"), "tosend", Optional.of("4096-00000000"));
    Landing merged = new Landing(Landing.Stage.MERGED, next, Optional.empty(), List.of());
    return new Proof(LvmBackend.on(new Hosts(host)), stallTimeout).holds(view, merged);
  }

  @Test
  void aHostThatGivesNothingIsGivenUp() {
    Silent silent = new Silent();
    assertThrows(TransferStalledException.class, () -> prove(silent, Duration.ofMillis(300)));
    assertTrue(silent.closed.get());
  }

  @Test
  void aCommandThatFailsSaysWhy() {
    assertThrows(
        PermissionDeniedException.class,
        () ->
            prove(
                new Ended(1, "/dev/mapper/control: open failed: Permission denied", false),
                Duration.ofMinutes(1)));
  }

  @Test
  void aCommandThatEndsEarlyProvesNothing() {
    assertThrows(
        IncompleteTransferException.class,
        () -> prove(new Ended(0, "", false), Duration.ofMinutes(1)));
  }

  @Test
  void aLostConnectionProvesNothing() {
    assertThrows(
        ConnectionLostException.class, () -> prove(new Ended(0, "", true), Duration.ofMinutes(1)));
  }

  @Test
  void withoutABaseNothingIsProven() throws InterruptedException {
    View view =
        View.of(
            COPY,
            new Report(
                Map.of("vg", 1L << 30), List.of(volume("copy", Optional.empty(), List.of()))));
    Next next = new Next(VersionId.of("2-next"), "tosend", Optional.of("4096-00000000"));
    Landing merged = new Landing(Landing.Stage.MERGED, next, Optional.empty(), List.of());
    assertFalse(Proof.by(LvmBackend.on(new Hosts(new Silent()))).holds(view, merged));
  }

  private record Hosts(RunningCommand started) implements CommandRunner {

    @Override
    public String host() {
      return "there";
    }

    @Override
    public CommandResult run(Command command) {
      throw new AssertionError(command);
    }

    @Override
    public RunningCommand start(Command command) {
      return started;
    }

    @Override
    public void close() {}
  }

  /** Answers nothing until it is closed. */
  private static final class Silent implements RunningCommand {

    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public OutputStream stdin() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream stdout() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          try {
            end.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return -1;
        }
      };
    }

    @Override
    public String errorTail() {
      return "";
    }

    @Override
    public int waitFor() throws InterruptedException {
      end.await();
      return 137;
    }

    @Override
    public void close() {
      closed.set(true);
      end.countDown();
    }
  }

  /** Has said nothing and ended, or its connection is lost. */
  private record Ended(int status, String errorTail, boolean lost) implements RunningCommand {

    @Override
    public OutputStream stdin() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream stdout() {
      return InputStream.nullInputStream();
    }

    @Override
    public int waitFor() {
      if (lost) {
        throw new ConnectionLostException("lost", null);
      }
      return status;
    }

    @Override
    public void close() {}
  }
}
