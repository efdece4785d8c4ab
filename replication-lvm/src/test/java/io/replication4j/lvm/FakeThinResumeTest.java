package io.replication4j.lvm;

import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.World;
import java.time.Clock;

/** The same to a thin volume: an increment begins again. */
class FakeThinResumeTest extends FakeLvmResumeTest {

  @Override
  protected World open(Clock storageClock) {
    return FakeLvmWorld.open(storageClock, true, true);
  }

  @Override
  protected boolean resumesIncrements() {
    return false;
  }
}
