package io.replication4j.lvm;

import io.replication4j.lvm.testing.ImageWorld;
import io.replication4j.testing.BackendContract;
import io.replication4j.testing.World;
import java.io.IOException;
import java.time.Clock;

/** Backend tests on files. */
class ImageBackendTest extends BackendContract {

  @Override
  protected World open(Clock storageClock) throws IOException {
    return ImageWorld.open(storageClock);
  }
}
