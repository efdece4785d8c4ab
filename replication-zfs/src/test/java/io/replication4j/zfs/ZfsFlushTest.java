package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.FilesystemName;
import io.replication4j.ReplicationException;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.testing.CommandLog;
import io.replication4j.testing.Fault;
import io.replication4j.testing.FaultScript;
import io.replication4j.zfs.testing.FakeZfs;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a look concludes from a flush that failed. */
class ZfsFlushTest {

  private static final int KILLED = 137;

  private final FakeZfs modern = FakeZfs.modern("here", Clock.systemUTC());
  private final FakeZfs old = FakeZfs.old("here", Clock.systemUTC());

  @BeforeEach
  void createPools() {
    modern.createPool("tank");
    old.createPool("tank");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneThatWasKilledWithoutAWordIsNoMissingPool(boolean isOld) throws InterruptedException {
    FakeZfs host = isOld ? old : modern;
    FaultScript undisturbed = FaultScript.of();
    look(host, undisturbed, "tank");
    int flush =
        undisturbed.log().entries().stream()
            .filter(e -> e.text().contains("zpool sync") || e.text().contains("zfs inherit"))
            .mapToInt(CommandLog.Entry::number)
            .findFirst()
            .orElseThrow();
    FaultScript killing = FaultScript.of(new Fault.Exit(flush, KILLED, ""));
    assertThrows(ReplicationException.class, () -> look(host, killing, "tank"));
    assertTrue(killing.wasHit());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMissingPoolIsAnAnswer(boolean isOld) throws InterruptedException {
    assertEquals(List.of(), look(isOld ? old : modern, FaultScript.of(), "missing").members());
  }

  private static Observation look(FakeZfs host, FaultScript script, String root)
      throws InterruptedException {
    return ZfsBackend.on(script.wrap(host))
        .observe(List.of(new ObserveRequest(FilesystemName.of(root), true, true, Set.of())))
        .get(0);
  }
}
