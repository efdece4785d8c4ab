package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.btrfs.testing.FakeBtrfsWorld;
import io.replication4j.testing.ResumeContract;
import io.replication4j.testing.World;
import java.time.Clock;

/** Streams that are spooled, on btrfs in memory. */
class FakeBtrfsResumeTest extends ResumeContract {

  private FakeBtrfsWorld opened;

  @Override
  protected World open(Clock storageClock) {
    opened =
        FakeBtrfsWorld.open(
            BtrfsOptions.builder().spool(true).build(), FakeBtrfs.Exchange.PERL, storageClock);
    return opened;
  }

  @Override
  protected void fill(FilesystemName source) {
    opened.source().write(source, "file", "text".repeat(800));
  }

  @Override
  protected long mostLost() {
    return 0;
  }

  /** There is but one window. */
  @Override
  protected void damage() {
    FakeBtrfs target = (FakeBtrfs) opened.target().runner();
    String spool = target.spools().get(0);
    target.flip(spool, 1000);
  }
}
