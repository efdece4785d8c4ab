package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncReport;
import io.replication4j.TransferProgress;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long a stream will be is said while it is moved. */
class EstimateTest {

  private final List<TransferProgress> heard = new ArrayList<>();

  private FakeLvmWorld world = FakeLvmWorld.open(LvmOptions.defaults(), Clock.systemUTC());

  private FilesystemName from() throws InterruptedException {
    return world.source().name("data");
  }

  private FakeLvm here() {
    return (FakeLvm) world.source().runner();
  }

  private SyncReport sync() throws InterruptedException {
    heard.clear();
    SyncPolicy policy =
        SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.COMPARE).build();
    return ReplicationPair.builder("dr")
        .source(Filesystem.of(LvmBackend.on(world.source().runner()), from()))
        .target(Filesystem.of(LvmBackend.on(world.target().runner()), world.target().name("copy")))
        .policy(policy)
        .build()
        .sync(
            new SyncListener() {
              @Override
              public void progress(TransferProgress progress) {
                heard.add(progress);
              }
            });
  }

  private Optional<Long> last() {
    return heard.get(heard.size() - 1).estimatedBytes();
  }

  private void begin() throws InterruptedException {
    here().createVolume("data");
    world.source().write(from(), "file", "one");
  }

  private void assertExact(SyncReport report) {
    assertTrue(report.bytes() > 0, report::toString);
    assertEquals(Optional.of(report.bytes()), last());
  }

  @Test
  void ofAWholeClassicVolumeItIsAllOfIt() throws InterruptedException {
    begin();
    SyncReport report = sync();
    long most = last().orElseThrow();
    assertTrue(most >= report.bytes() && most >= FakeLvm.VOLUME_BYTES, report::toString);
    assertTrue(most < FakeLvm.VOLUME_BYTES * 11 / 10, () -> "at most: " + most);
  }

  @Test
  void ofAnIncrementItIsExact() throws InterruptedException {
    begin();
    sync();
    here().scribble("data", 20);
    assertExact(sync());
  }

  @Test
  void ofWhatWasComparedItIsExact() throws InterruptedException {
    begin();
    sync();
    here().scribble("data", 20);
    here().removeAlone("data.sent-dr");
    assertExact(sync());
  }

  @Test
  void ofAThinVolumeItIsExact() throws InterruptedException {
    world = FakeLvmWorld.open(Clock.systemUTC(), true, true);
    begin();
    assertExact(sync());
    here().scribble("data", 20);
    assertExact(sync());
  }
}
