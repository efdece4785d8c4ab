package io.replication4j.command.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HostClockTest {

  private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

  private final AtomicLong now = new AtomicLong(-5_000_000_000L);
  private final HostClock clock = new HostClock(now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void nothingIsKnownBeforeACommandTellsIt() {
    assertEquals(OptionalLong.empty(), clock.in(HALF_A_MINUTE));
  }

  @Test
  void goesOnByItself() {
    clock.tell(1000);
    assertEquals(OptionalLong.of(1031), clock.in(HALF_A_MINUTE));
    pass(Duration.ofMillis(90_500));
    assertEquals(OptionalLong.of(1121), clock.in(HALF_A_MINUTE));
  }

  @Test
  void whatWasLongOnItsWayDoesNotSetItBack() {
    clock.tell(1000);
    pass(Duration.ofSeconds(20));
    clock.tell(1007);
    assertEquals(OptionalLong.of(1051), clock.in(HALF_A_MINUTE));
    clock.tell(1500); // this program was stopped for a while, or its machine
    assertEquals(OptionalLong.of(1531), clock.in(HALF_A_MINUTE));
  }
}
