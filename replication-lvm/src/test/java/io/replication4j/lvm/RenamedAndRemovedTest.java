package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.AlreadyExistsException;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.StalePlanException;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.testing.Site;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What an administrator does to volumes and their versions by hand. */
class RenamedAndRemovedTest {

  abstract static class World {

    private final FakeLvmWorld world;
    final FakeLvm here;
    final FakeLvm there;

    World(boolean thin) {
      world = FakeLvmWorld.open(Clock.systemUTC(), thin, thin);
      here = (FakeLvm) world.source().runner();
      there = (FakeLvm) world.target().runner();
    }

    @BeforeEach
    final void syncOnce() throws InterruptedException {
      world.source().create(world.source().name("data"));
      here.write("data", "file", "one");
      assertEquals(Outcome.SYNCED, sync("data", "copy").outcome());
      here.write("data", "file", "two");
    }

    final SyncReport sync(String from, String to) throws InterruptedException {
      return sync(from, to, SyncPolicy.refusing());
    }

    final SyncReport sync(String from, String to, SyncPolicy policy) throws InterruptedException {
      return ReplicationPair.builder("dr")
          .source(filesystem(world.source(), from))
          .target(filesystem(world.target(), to))
          .policy(policy)
          .build()
          .sync(SyncListener.NONE);
    }

    static Filesystem filesystem(Site site, String name) {
      return Filesystem.of(site.backend(site.runner()), site.name(name));
    }

    final void assertIncrement(SyncReport report, String from, String to) {
      assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
      assertTrue(report.bytes() < FakeLvm.VOLUME_BYTES / 2, report::toString);
      assertEquals(here.content(from), there.content(to));
    }

    @Test
    void aSourceThatIsRenamedKeepsItsBase() throws InterruptedException {
      here.rename("data", "files.new");
      assertIncrement(sync("files.new", "copy"), "files.new", "copy");
      assertTrue(here.exists("files.new.sent-dr"), here::toString);
      here.write("files.new", "file", "three");
      assertIncrement(sync("files.new", "copy"), "files.new", "copy");
      assertEquals(
          Set.of("files.new", "files.new.sent-dr"),
          Set.copyOf(here.volumes().stream().filter(v -> !v.equals("pool")).toList()));
    }

    @Test
    void aTargetThatIsRenamedKeepsItsBase() throws InterruptedException {
      there.rename("copy", "replica");
      assertIncrement(sync("data", "replica"), "data", "replica");
      assertTrue(there.exists("replica.sent-dr"), there::toString);
    }
  }

  @Nested
  class Classic extends World {

    Classic() {
      super(false);
    }
  }

  @Nested
  class Thin extends World {

    Thin() {
      super(true);
    }

    @Test
    void anotherVolumeThatGotTheNameDoesNotTakeTheVersionsOfTheRenamedOne()
        throws InterruptedException {
      there.rename("copy", "kept");
      there.createVolume("copy");
      there.write("copy", "somebody", "else");
      SyncReport report = sync("data", "copy");
      assertEquals(Outcome.BLOCKED, report.outcome(), report::toString);
      assertEquals(Set.of("somebody"), there.content("copy").keySet());
    }

    @Test
    void versionsOfATargetThatWasRemovedAreNamedAndNotTouched() throws InterruptedException {
      there.removeAlone("copy");
      AlreadyExistsException left =
          assertThrows(AlreadyExistsException.class, () -> sync("data", "copy"));
      assertTrue(left.getMessage().contains("backup/copy.sent-dr"), left::getMessage);
      there.copyThin("copy.sent-dr", "copy"); // as the message says
      assertIncrement(sync("data", "copy"), "data", "copy");
    }

    @Test
    void aTargetInAPoolThatIsNotThereIsRefusedByName() {
      NotFoundException missing =
          assertThrows(
              NotFoundException.class,
              () ->
                  ReplicationPair.builder("other")
                      .source(Filesystem.of(LvmBackend.on(here), FilesystemName.of("vg/data")))
                      .target(
                          Filesystem.of(
                              LvmBackend.on(there, LvmOptions.builder().thinPool("nopool").build()),
                              FilesystemName.of("backup/new")))
                      .policy(SyncPolicy.refusing())
                      .build()
                      .plan());
      assertTrue(missing.getMessage().contains("backup/nopool"), missing::getMessage);
      assertTrue(missing.getMessage().contains("thinPool"), missing::getMessage);
    }

    @Test
    void aRollBackGoesOnWithARenamedVolumesVersions() throws InterruptedException {
      there.rename("copy", "replica");
      there.write("replica", "own", "change");
      SyncPolicy rollBack = SyncPolicy.builder(OnDivergence.ROLL_BACK).build();
      assertIncrement(sync("data", "replica", rollBack), "data", "replica");
      there.write("replica", "own", "change");
      here.write("data", "file", "three");
      assertIncrement(sync("data", "replica", rollBack), "data", "replica");
    }

    @Test
    void aLookAtTheVersionsAloneComparesNothing() throws InterruptedException {
      AtomicInteger compared = new AtomicInteger();
      LvmBackend backend = LvmBackend.on(new Counting(there, compared));
      FilesystemName root = FilesystemName.of("backup/copy");
      backend.observe(List.of(ObserveRequest.versions(root, false)));
      assertEquals(0, compared.get());
      backend.observe(List.of(new ObserveRequest(root, false, false, Set.of("dr"))));
      assertEquals(1, compared.get());
    }
  }

  /** Counts comparisons of thin volumes. */
  private record Counting(CommandRunner runner, AtomicInteger compared) implements CommandRunner {

    @Override
    public String host() {
      return runner.host();
    }

    @Override
    public CommandResult run(Command command) throws InterruptedException {
      if (command.toShellText().contains("thin_delta")) {
        compared.incrementAndGet();
      }
      return runner.run(command);
    }

    @Override
    public RunningCommand start(Command command) throws InterruptedException {
      return runner.start(command);
    }

    @Override
    public void close() {}
  }

  @Test
  void aSnapshotThatIsAnotherByNowIsNotRemovedAndThatIsSaid() {
    FakeLvm lvm = FakeLvm.withGroup("here", "vg", 64 << 20, Clock.systemUTC());
    lvm.createVolume("data");
    lvm.createSeparated("data.sent", "2-other");
    Command remove =
        LvmCommands.removeSnapshot(new Volume("vg", "data.sent"), List.of(VersionId.of("1-meant")));
    LvmBackend backend = LvmBackend.on(lvm);
    assertThrows(
        StalePlanException.class, () -> backend.runAllOrFail(List.of(remove), backend.runner()));
    assertTrue(lvm.exists("data.sent"));
  }
}
