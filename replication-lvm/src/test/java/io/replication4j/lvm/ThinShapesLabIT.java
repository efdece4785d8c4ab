package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.BusyException;
import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Kinds and sizes of volumes, between two hosts with LVM. */
@Tag("lvm")
@Execution(ExecutionMode.SAME_THREAD) // one volume group for all
@LabTest
class ThinShapesLabIT {

  private final Lab lab;

  ThinShapesLabIT(Lab lab) {
    this.lab = lab;
  }

  /** A classic one is made larger while it is not active; what is behind its old end is rubbish. */
  abstract static class LabShapes extends ShapeScenarios {

    @Override
    void extend(Site site, FilesystemName volume, long more) throws InterruptedException {
      shell(
          site,
          "lvchange -q -an \"$1\"; lvextend -q -L \"+${2}b\" \"$1\" >&2; lvchange -q -ay \"$1\"",
          volume.value(),
          Long.toString(more));
    }

    static String shell(Site site, String script, String... arguments) throws InterruptedException {
      List<String> argv = new ArrayList<>(List.of("sh", "-euc", script, "sh"));
      argv.addAll(Arrays.asList(arguments));
      CommandResult result = site.runner().run(Command.of(argv));
      if (!result.succeeded()) {
        throw new IllegalStateException(argv + ": " + result.errorTail());
      }
      return result.output();
    }
  }

  @Tag("variant")
  @Nested
  class ClassicToClassic extends LabShapes {
    @Override
    World open() throws InterruptedException {
      return ThinLabWorld.open(lab, false, false);
    }
  }

  @Tag("variant")
  @Nested
  class ThinToClassic extends LabShapes {
    @Override
    World open() throws InterruptedException {
      return ThinLabWorld.open(lab, true, false);
    }
  }

  @Tag("variant")
  @Nested
  class ClassicToThin extends LabShapes {
    @Override
    World open() throws InterruptedException {
      return ThinLabWorld.open(lab, false, true);
    }
  }

  @Nested
  class ThinToThin extends LabShapes {

    private static final String POOL = ThinLabWorld.GROUP + "-pool-tpool";
    private static final String HELD = "dmsetup status \"$1\" | cut -d' ' -f7";

    @Override
    World open() throws InterruptedException {
      return ThinLabWorld.open(lab, true, true);
    }

    @Test
    void aFirstStreamHasOnlyWhatTheVolumeHas() throws Exception {
      assertTrue(sync().bytes() < 512 << 10);
    }

    /** As a script leaves it that was killed after it had made one. */
    @Test
    void ourMetadataSnapshotIsGivenBackAfterAKill() throws Exception {
      sync();
      shell(
          world.source(),
          "mkdir -p /var/lib/replication4j; : >\"/var/lib/replication4j/$1.metadata-snap\";"
              + " dmsetup message \"$1\" 0 reserve_metadata_snap",
          POOL);
      world.source().write(from, "file", "two");
      assertSynced();
      assertEquals("-", shell(world.source(), HELD, POOL).strip());
    }

    @Test
    void somebodyElsesMetadataSnapshotIsLeftAlone() throws Exception {
      sync();
      shell(world.source(), "dmsetup message \"$1\" 0 reserve_metadata_snap", POOL);
      String held = shell(world.source(), HELD, POOL);
      assertThrows(BusyException.class, this::sync);
      assertEquals(held, shell(world.source(), HELD, POOL));
      shell(world.source(), "dmsetup message \"$1\" 0 release_metadata_snap", POOL);
    }

    @Test
    void whatWasDiscardedIsGivenBackAtTheTarget() throws Exception {
      shell(
          world.source(),
          "dd if=/dev/urandom of=\"/dev/$1\" bs=64k seek=8 count=20 conv=fsync status=none",
          from.value());
      assertSynced();
      String mapped = "lvs --noheadings -o data_percent \"$1\"";
      double before = Double.parseDouble(shell(world.target(), mapped, to.value()).strip());
      shell(world.source(), "blkdiscard -o 524288 -l 1310720 \"/dev/$1\"", from.value());
      assertSynced();
      double after = Double.parseDouble(shell(world.target(), mapped, to.value()).strip());
      assertTrue(after < before / 2, () -> before + " " + after);
    }
  }
}
