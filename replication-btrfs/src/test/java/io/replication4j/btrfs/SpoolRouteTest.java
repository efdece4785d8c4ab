package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.ReplicationPair;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.UnsupportedException;
import io.replication4j.btrfs.testing.FakeBtrfs;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A spool is compared here, so the one who has it cannot be sent to directly. */
class SpoolRouteTest {

  private static final BtrfsOptions SPOOLING = BtrfsOptions.builder().spool(true).build();

  private final FakeBtrfs host =
      FakeBtrfs.mounted("here", "/m", FakeBtrfs.Exchange.PERL, Clock.systemUTC());

  @BeforeEach
  void createSource() {
    host.createSubvolume("/m/data");
  }

  private SyncPlan plan(BtrfsOptions source, BtrfsOptions target) throws InterruptedException {
    return ReplicationPair.builder("dr")
        .source(BtrfsBackend.on(host, source).filesystem("/m/data"))
        .target(BtrfsBackend.on(host, target).filesystem("/m/copy"))
        .policy(SyncPolicy.refusing().toBuilder().route(Route.DIRECT).build())
        .build()
        .plan();
  }

  @Test
  void aTargetWithASpoolIsNotSentToDirectly() {
    UnsupportedException e =
        assertThrows(
            UnsupportedException.class,
            () -> plan(BtrfsOptions.defaults(), SPOOLING),
            "no refusal");
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("BtrfsOptions.spool"), message);
    assertTrue(message.contains("route=THROUGH_HERE"), message);
  }

  @Test
  void aSourceHasNoUseForItsSpool() throws InterruptedException {
    assertInstanceOf(SyncPlan.Transfer.class, plan(SPOOLING, BtrfsOptions.defaults()));
  }
}
