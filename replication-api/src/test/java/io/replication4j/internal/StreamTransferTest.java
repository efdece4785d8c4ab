package io.replication4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.internal.StreamTransfer.Outcome;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.FakeProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is reported of a stream of which the target finds something. */
class StreamTransferTest {

  private static final int BYTES = 3 << 20;
  private static final Command COMMAND = Command.of("true");

  private final StorageBackend backend = mock(StorageBackend.class);
  private final List<Long> moved = new ArrayList<>();
  private final List<Long> found = new ArrayList<>();

  @BeforeEach
  void mockBackend() {
    when(backend.runner()).thenReturn(LocalCommandRunner.create());
    when(backend.failure(any(), any())).thenReturn(new CommandFailedException("broken", 1));
  }

  private StreamTransfer transfer(StreamTransfer.StartReceiver receiver) {
    return new StreamTransfer(
        () -> FakeProcess.sending(new byte[BYTES]),
        backend,
        COMMAND,
        receiver,
        backend,
        COMMAND,
        Optional.empty(),
        Duration.ofMinutes(1),
        Optional.empty(),
        (bytes, had) -> {
          moved.add(bytes);
          found.add(had);
        });
  }

  @Test
  void whatWasFoundWasNotMoved() throws Exception {
    Outcome outcome = transfer(has -> new Finding(has, BYTES / 2, 0)).run();
    assertEquals(BYTES - outcome.found(), outcome.bytes());
    assertTrue(outcome.found() >= BYTES / 2);
    assertEquals(outcome.bytes(), moved.get(moved.size() - 1));
    assertEquals(outcome.found(), found.get(found.size() - 1));
  }

  /** What is found is known before its last byte was taken. */
  @Test
  void noLessThanNothingIsMoved() {
    CommandFailedException e =
        assertThrows(
            CommandFailedException.class,
            transfer(has -> new Finding(has, Integer.MAX_VALUE, 1))::run);
    assertEquals("broken", e.getMessage());
    assertEquals(0, moved.get(moved.size() - 1));
  }

  /** Finds all it is given up to a number of bytes. */
  private static final class Finding extends OutputStream implements RunningCommand {

    private final LongConsumer found;
    private final long most;
    private final int status;
    private long taken;

    /**
     * @param status if not 0, its input closes when it has found something
     */
    Finding(LongConsumer found, long most, int status) {
      this.found = found;
      this.most = most;
      this.status = status;
    }

    @Override
    public void write(int value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (taken < most) {
        found.accept(length);
      }
      taken += length;
      if (status != 0) {
        throw new IOException("broken pipe");
      }
    }

    @Override
    public OutputStream stdin() {
      return this;
    }

    @Override
    public InputStream stdout() {
      return InputStream.nullInputStream();
    }

    @Override
    public String errorTail() {
      return "";
    }

    @Override
    public int waitFor() {
      return status;
    }

    @Override
    public void close() {}
  }
}
