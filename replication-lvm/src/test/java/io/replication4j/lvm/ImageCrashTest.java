package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.ImageWorld;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.World;
import java.io.IOException;
import java.time.Clock;

/** Crash tests on files. */
class ImageCrashTest extends CrashMatrix {

  @Override
  protected World open(Clock storageClock) throws IOException {
    return ImageWorld.open(storageClock);
  }

  /** Real processes take their time: of the five faults at a command, one at about every third. */
  @Override
  protected boolean isChosen(int index) {
    return index % 13 == 0;
  }

  @Override
  protected boolean comparesBlocks() {
    return true;
  }

  @Override
  protected void loseBase(FilesystemName filesystem) {
    ((FakeLvm) world().source().runner()).scribble(Volume.of(filesystem).name(), 100);
  }
}
