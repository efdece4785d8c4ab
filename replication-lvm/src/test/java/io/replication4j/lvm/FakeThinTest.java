package io.replication4j.lvm;

import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.BackendContract;
import io.replication4j.testing.CrashMatrix;
import io.replication4j.testing.Histories;
import io.replication4j.testing.SyncContract;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Nested;

/** Thin volumes in memory, on both sides or on one. */
class FakeThinTest {

  @Nested
  class Backend extends BackendContract {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, true, true);
    }
  }

  @Nested
  class Syncs extends SyncContract {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, true, true);
    }

    /** At the target a version is marked and put in place. */
    @Override
    protected int mostCommands() {
      return 12;
    }

    /** The target is listed once more: LVM does not say whether it put the exchange off. */
    @Override
    protected int mostListings() {
      return 6;
    }
  }

  @Nested
  class FromThin extends SyncContract {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, true, false);
    }

    @Override
    protected int mostCommands() {
      return 15;
    }
  }

  @Nested
  class ToThin extends SyncContract {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, false, true);
    }

    @Override
    protected int mostCommands() {
      return 12;
    }

    /** The target is listed once more: LVM does not say whether it put the exchange off. */
    @Override
    protected int mostListings() {
      return 6;
    }
  }

  @Nested
  class Crashes extends CrashMatrix {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, true, true);
    }
  }

  @Nested
  class CrashesToClassic extends CrashMatrix {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, true, false);
    }

    /** At most commands, in one of the five ways: {@link Crashes} takes all. */
    @Override
    protected boolean isChosen(int index) {
      return index % 7 == 0;
    }
  }

  @Nested
  class CrashesFromClassic extends CrashMatrix {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, false, true);
    }

    /** At most commands, in one of the five ways: {@link Crashes} takes all. */
    @Override
    protected boolean isChosen(int index) {
      return index % 7 == 0;
    }
  }

  @Nested
  class ThinHistories extends Histories {
    @Override
    protected World open(Clock clock) {
      return FakeLvmWorld.open(clock, true, true);
    }
  }
}
