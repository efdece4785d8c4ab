package io.replication4j.zfs;

import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Whole syncs on a real, old ZFS: pool version 23. */
class ZfsFuseSyncContractIT extends SyncContract {

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
