package io.replication4j.zfs;

import io.replication4j.testing.BackendContract;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The backend's contract on a real, old ZFS: pool version 23, without a kernel module. */
class ZfsFuseContractIT extends BackendContract {

  private static FuseWorlds worlds;

  @BeforeAll
  static void start() throws InterruptedException {
    worlds = new FuseWorlds();
  }

  @AfterAll
  static void stop() {
    worlds.close();
  }

  @Override
  protected World open(Clock storageClock) throws InterruptedException {
    return worlds.open();
  }
}
