package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.BusyException;
import io.replication4j.FilesystemName;
import io.replication4j.NoSpaceException;
import io.replication4j.ReplicationException;
import io.replication4j.SyncReport;
import io.replication4j.UnsupportedException;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.time.Clock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Kinds and sizes of volumes, in memory. */
class FakeShapesTest {

  abstract static class FakeShapes extends ShapeScenarios {

    @Override
    void extend(Site site, FilesystemName volume, long more) {
      lvm(site).extend(Volume.of(volume).name(), more);
    }

    static FakeLvm lvm(Site site) {
      return (FakeLvm) site.runner();
    }
  }

  @Nested
  class ClassicToClassic extends FakeShapes {

    @Override
    World open() {
      return FakeLvmWorld.open(Clock.systemUTC(), false, false);
    }

    @Test
    void aTargetThatStaysLargerIsRefused() throws Exception {
      sync();
      extend(world.target(), to, MORE);
      world.source().write(from, "file", "two");
      assertSaysSmaller(assertThrows(UnsupportedException.class, this::rollBack));
    }

    @Test
    void aHostThatFailsWhileItsVolumeGrowsGoesOnWhenItIsBack() throws Exception {
      sync();
      extend(world.source(), from, MORE);
      lvm(world.target()).failWhileGrowing();
      assertThrows(ReplicationException.class, this::sync);
      SyncReport repaired = sync();
      assertEquals(SyncReport.Outcome.SYNCED, repaired.outcome());
      assertTrue(repaired.bytes() < 2 * MORE, repaired::toString); // no full send
      assertEquals(world.source().content(from), world.target().content(to));
    }
  }

  @Nested
  class ThinToClassic extends FakeShapes {
    @Override
    World open() {
      return FakeLvmWorld.open(Clock.systemUTC(), true, false);
    }
  }

  @Nested
  class ClassicToThin extends FakeShapes {
    @Override
    World open() {
      return FakeLvmWorld.open(Clock.systemUTC(), false, true);
    }
  }

  @Nested
  class ThinToThin extends FakeShapes {

    @Override
    World open() {
      return FakeLvmWorld.open(Clock.systemUTC(), true, true);
    }

    @Test
    void aFirstStreamHasOnlyWhatTheVolumeHas() throws Exception {
      assertTrue(sync().bytes() < FakeLvm.VOLUME_BYTES / 4);
    }

    /** What it has of the other is in no list. */
    @Test
    void aVolumeThatReadsOneOutsideItsPoolIsRefused() {
      FakeLvm lvm = lvm(world.source());
      lvm.removeAlone("data");
      lvm.createSeparated("golden", "1-golden");
      lvm.createOnExternal("golden", "data");
      UnsupportedException e = assertThrows(UnsupportedException.class, this::sync);
      assertTrue(String.valueOf(e.getMessage()).contains("vg/data"), e::toString);
      lvm.rename("data", "first");
      lvm.copyThin("first", "data");
      assertThrows(UnsupportedException.class, this::sync);
    }

    @Test
    void aSourceThatBecameSmallerIsRefused() throws Exception {
      sync();
      lvm(world.source()).shrink("data", FakeLvm.VOLUME_BYTES / 2);
      assertSaysSmaller(assertThrows(UnsupportedException.class, this::sync));
    }

    @Test
    void aTargetThatGrewIsRolledBackToItsSize() throws Exception {
      sync();
      extend(world.target(), to, MORE);
      world.source().write(from, "file", "two");
      assertEquals(SyncReport.Outcome.SYNCED, rollBack().outcome());
      world.source().write(from, "file", "three");
      assertSynced();
    }

    @Test
    void aFullPoolIsSaidToBeFullBeforeItIs() throws Exception {
      sync();
      world.source().write(from, "file", "two");
      lvm(world.target()).setPoolFull(true);
      NoSpaceException e = assertThrows(NoSpaceException.class, this::sync);
      assertTrue(String.valueOf(e.getMessage()).contains("thin pool"), e::toString);
      lvm(world.target()).setPoolFull(false);
      assertSynced();
    }

    @Test
    void somebodyElsesMetadataSnapshotIsLeftAlone() throws Exception {
      sync();
      lvm(world.source()).setMetadataHeld(true);
      assertThrows(BusyException.class, this::sync);
      lvm(world.source()).setMetadataHeld(false);
      world.source().write(from, "file", "two");
      assertSynced();
    }
  }
}
