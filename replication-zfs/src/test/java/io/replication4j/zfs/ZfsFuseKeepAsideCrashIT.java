package io.replication4j.zfs;

import io.replication4j.testing.World;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real, old ZFS: pool version 23. */
class ZfsFuseKeepAsideCrashIT extends KeepAsideCrashes {

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
  protected World open() throws InterruptedException {
    return worlds.open();
  }
}
