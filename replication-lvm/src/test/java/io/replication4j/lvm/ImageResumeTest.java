package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.ImageWorld;
import io.replication4j.testing.ResumeContract;
import io.replication4j.testing.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Streams that are cut, into a new file and into the spool of one that stands. */
class ImageResumeTest extends ResumeContract {

  private static final long MORE_BYTES = 15 << 20;
  private static final int CHUNKS = 3000;

  @Override
  protected World open(Clock storageClock) throws IOException {
    return ImageWorld.withLargeSnapshots(storageClock);
  }

  private FakeLvm lvm() {
    return (FakeLvm) world().source().runner();
  }

  @Override
  protected int parts() {
    return 3;
  }

  @Override
  protected void prepare(FilesystemName source) {
    lvm().extend(Volume.of(source).name(), MORE_BYTES);
  }

  @Override
  protected void fill(FilesystemName source) {
    lvm().scribble(Volume.of(source).name(), CHUNKS);
  }

  /** One run of an image, or one frame, and what is left of a window. */
  @Override
  protected long mostLost() {
    return 6 << 20;
  }

  @Override
  protected void damage() throws IOException {
    Path part = Path.of(world().target().name("copy") + ".r4j-new");
    byte[] bytes = Files.readAllBytes(part);
    bytes[8 << 20] ^= 1;
    Files.write(part, bytes);
  }

  /** Its one version is the one that the state beside it speaks of. */
  @Override
  protected void loseBaseOfTarget() throws IOException {
    Files.delete(Path.of(world().target().name("copy") + ".r4j"));
  }
}
