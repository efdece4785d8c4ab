package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.UnsupportedException;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.Site;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Decision 0014: a volume's stream is made here, even where both ends are on one host. */
class DirectRouteTest {

  private static final LvmOptions OPTIONS = LvmOptions.builder().markerPercent(20).build();
  private static final SyncPolicy THROUGH_HERE = SyncPolicy.refusing();
  private static final SyncPolicy DIRECT = THROUGH_HERE.toBuilder().route(Route.DIRECT).build();

  private final FakeLvmWorld world = FakeLvmWorld.open(OPTIONS, Clock.systemUTC());
  private final Site host = world.source();
  private final FilesystemName from = host.name("data");
  private final FilesystemName to = host.name("copy");

  @BeforeEach
  void makeVolume() {
    host.create(from);
    host.write(from, "file", "one");
  }

  private ReplicationPair pair(SyncPolicy policy) {
    return ReplicationPair.builder("dr")
        .source(Filesystem.of(host.backend(host.runner()), from))
        .target(Filesystem.of(host.backend(host.runner()), to))
        .policy(policy)
        .build();
  }

  @Test
  void isRefusedBeforeAnythingRuns() throws InterruptedException {
    SyncPlan stored = pair(THROUGH_HERE).plan();
    List<String> before = ((FakeLvm) host.runner()).volumes();
    assertRefused(() -> pair(DIRECT).plan());
    assertRefused(() -> pair(DIRECT).sync(SyncListener.NONE));
    assertRefused(() -> pair(DIRECT).execute(stored, SyncListener.NONE));
    assertEquals(before, ((FakeLvm) host.runner()).volumes());
  }

  @Test
  void isRefusedWhereThereIsNothingToSendYet() throws InterruptedException {
    assertTrue(pair(THROUGH_HERE).sync(SyncListener.NONE).succeeded());
    assertRefused(() -> pair(DIRECT).plan());
  }

  private interface Attempt {
    void run() throws InterruptedException;
  }

  /** It says what to do instead. */
  private static void assertRefused(Attempt attempt) {
    UnsupportedException e = assertThrows(UnsupportedException.class, attempt::run);
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("route=THROUGH_HERE"), message);
    assertTrue(message.contains("on one of the two hosts"), message);
  }
}
