package io.replication4j.zfs;

import io.replication4j.testing.Histories;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Random histories on a real, old ZFS: the same that the ZFS in memory replays. */
class ZfsFuseHistoryIT extends Histories {

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

  @Override
  protected int histories() {
    return 4;
  }
}
