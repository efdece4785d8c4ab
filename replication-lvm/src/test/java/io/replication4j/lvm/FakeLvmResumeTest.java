package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.ResumeContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** Streams that are cut, to a volume and to a store that are kept, on LVM in memory. */
class FakeLvmResumeTest extends ResumeContract {

  private static final long MORE_BYTES = 15 << 20;
  private static final int CHUNKS = 3000;

  @Override
  protected World open(Clock storageClock) {
    return FakeLvmWorld.open(LvmOptions.builder().reservePercent(80).build(), storageClock);
  }

  private FakeLvm lvm() {
    return (FakeLvm) world().source().runner();
  }

  @Override
  protected void prepare(FilesystemName source) {
    lvm().extend(Volume.of(source).name(), MORE_BYTES);
  }

  @Override
  protected void fill(FilesystemName source) {
    lvm().scribble(Volume.of(source).name(), CHUNKS);
  }

  /** One run of an image, and what is left of a window. */
  @Override
  protected long mostLost() {
    return 6 << 20;
  }

  @Override
  protected void damage() {
    ((FakeLvm) world().target().runner()).flipBit("copy.tosend-data-dr+in", 8 << 20);
  }
}
