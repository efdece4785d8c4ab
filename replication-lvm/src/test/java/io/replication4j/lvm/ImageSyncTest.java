package io.replication4j.lvm;

import io.replication4j.lvm.testing.ImageWorld;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.io.IOException;
import java.time.Clock;

/** Sync tests on files. */
class ImageSyncTest extends SyncContract {

  @Override
  protected World open(Clock storageClock) throws IOException {
    return ImageWorld.open(storageClock);
  }
}
