package io.replication4j.zfs;

import io.replication4j.testing.CommandLog;
import io.replication4j.testing.World;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real, old ZFS: pool version 23. */
class ZfsFuseKeepAsideCrashIT extends KeepAsideCrashes {

  private static final Set<String> EXCHANGE = Set.of("promote", "rename");

  private static FuseWorlds worlds;

  @BeforeAll
  static void start() throws InterruptedException {
    worlds = new FuseWorlds();
  }

  @AfterAll
  static void stop() {
    worlds.close();
  }

  /** Only within the exchanges, after every third command: real storage takes its time. */
  @Override
  protected boolean isChosen(CommandLog.Entry command) {
    List<String> argv = command.command().argv();
    return command.number() % 3 == 0
        && command.host().equals("there")
        && argv.size() > 2
        && EXCHANGE.contains(argv.get(1));
  }

  @Override
  protected World open() throws InterruptedException {
    return worlds.open();
  }
}
