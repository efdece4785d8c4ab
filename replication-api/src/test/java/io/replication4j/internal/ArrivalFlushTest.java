package io.replication4j.internal;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.replication4j.command.Command;
import io.replication4j.spi.StorageBackend;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArrivalFlushTest {

  private static final long MIB = 1 << 20;

  private final StorageBackend target = mock(StorageBackend.class);
  private final Command command = Command.of("flush");

  @Test
  void flushesWhenEnoughHasArrivedSinceTheLastTime() throws InterruptedException {
    try (ArrivalFlush flush = new ArrivalFlush(target, Optional.of(command))) {
      flush.arrived(127 * MIB);
      flush.await();
      verify(target, never()).runOrFail(any(), any());
      flush.arrived(128 * MIB);
      flush.await();
      flush.arrived(255 * MIB);
      flush.await();
      verify(target, times(1)).runOrFail(any(), any());
      flush.arrived(256 * MIB);
      flush.await();
      verify(target, times(2)).runOrFail(any(), any());
    }
  }

  @Test
  void aFlushThatFailsFailsNothing() throws InterruptedException {
    when(target.runOrFail(any(), any())).thenThrow(new IllegalStateException("closed"));
    try (ArrivalFlush flush = new ArrivalFlush(target, Optional.of(command))) {
      flush.arrived(128 * MIB);
      flush.await();
      flush.arrived(256 * MIB);
      flush.await();
      verify(target, times(2)).runOrFail(any(), any());
    }
  }

  @Test
  void storageThatNeedsNoneIsLeftAlone() throws InterruptedException {
    try (ArrivalFlush flush = new ArrivalFlush(target, Optional.empty())) {
      flush.arrived(1 << 30);
      flush.await();
    }
    verify(target, never()).runOrFail(any(), any());
  }
}
