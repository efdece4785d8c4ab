package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.ResumeContract;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Streams of 16 MiB that are cut on their way to a volume, and to a store, of a real host. */
@Tag("lvm")
@Tag("variant") // takes long on emulated hosts
@Execution(ExecutionMode.SAME_THREAD) // one volume group for all
@LabTest
class LvmResumeLabIT extends ResumeContract {

  private static final int VOLUME_MEBIBYTES = 24;

  private final Lab lab;

  LvmResumeLabIT(Lab lab) {
    this.lab = lab;
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    LvmOptions options = LvmOptions.builder().reservePercent(100).build();
    return LvmLabWorld.open(lab, options, VOLUME_MEBIBYTES);
  }

  @Override
  protected int parts() {
    return 2;
  }

  @Override
  protected void fill(FilesystemName source) throws InterruptedException {
    lab.a()
        .shell(
            "head -c 16777216 /dev/urandom | dd of=\"/dev/$1\" bs=1048576 seek=4 conv=notrunc,fsync"
                + " status=none",
            source.value());
  }

  /** One run of an image, and what is left of a window. */
  @Override
  protected long mostLost() {
    return 6 << 20;
  }

  @Override
  protected void damage() throws InterruptedException {
    lab.b()
        .shell(
            "printf damaged | dd of=\"/dev/$1/copy.tosend-data-dr+in\" bs=1 seek=8388608"
                + " conv=notrunc,fsync status=none",
            LvmLabWorld.GROUP);
  }
}
