package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.Site;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How often a sync of a changed volume goes to a host. */
class LvmCostsTest {

  /** Volumes are small here. */
  private static final LvmOptions OPTIONS = LvmOptions.builder().markerPercent(20).build();

  private final FakeLvmWorld world = FakeLvmWorld.open(OPTIONS, Clock.systemUTC());
  private final List<String> commands = new ArrayList<>();
  private final List<String> roundTrips = new ArrayList<>();

  private ReplicationPair pair(FilesystemName from, FilesystemName to) {
    return ReplicationPair.builder("dr")
        .source(filesystem(world.source(), from))
        .target(filesystem(world.target(), to))
        .policy(SyncPolicy.refusing())
        .build();
  }

  private Filesystem filesystem(Site site, FilesystemName name) {
    return Filesystem.of(LvmBackend.on(new Counting(site), OPTIONS), name);
  }

  /** Counts what is no listing, no flush, no probe and no stream. */
  private final class Counting implements CommandRunner {

    private final Site site;

    Counting(Site site) {
      this.site = site;
    }

    private boolean counts(Command command) {
      return !site.isListing(command)
          && !command.argv().equals(LvmCommands.flush().argv())
          && !command.argv().equals(LvmCommands.version().argv());
    }

    @Override
    public String host() {
      return site.runner().host();
    }

    @Override
    public CommandResult run(Command command) throws InterruptedException {
      return runAll(List.of(command)).get(0);
    }

    @Override
    public List<CommandResult> runAll(List<Command> all) throws InterruptedException {
      List<String> counted = all.stream().filter(this::counts).map(Command::toShellText).toList();
      commands.addAll(counted);
      if (!counted.isEmpty()) {
        roundTrips.add(counted.toString());
      }
      return site.runner().runAll(all);
    }

    @Override
    public RunningCommand start(Command command) throws InterruptedException {
      return site.runner().start(command);
    }

    @Override
    public void close() {}
  }

  @Test
  void aChangedVolumeCostsEightRoundTripsBesidesListingsAndStream() throws InterruptedException {
    FilesystemName from = world.source().name("data");
    FilesystemName to = world.target().name("copy");
    world.source().create(from);
    pair(from, to).sync(SyncListener.NONE);
    world.source().write(from, "file", "two");
    commands.clear();
    roundTrips.clear();
    assertEquals(Outcome.SYNCED, pair(from, to).sync(SyncListener.NONE).outcome());
    assertEquals(8, roundTrips.size(), roundTrips::toString);
    assertEquals(12, commands.size(), commands::toString);
  }

  @Test
  void aPlanHasALineForEachCommand() throws InterruptedException {
    FilesystemName from = world.source().name("data");
    world.source().create(from);
    SyncPlan plan = pair(from, world.target().name("copy")).plan();
    long planned = plan.steps().stream().mapToLong(step -> step.commands().size()).sum();
    assertEquals(planned + 1, plan.toString().lines().count(), plan::toString);
  }

  @Test
  void anUnchangedOneCostsNothingBesidesListings() throws InterruptedException {
    FilesystemName from = world.source().name("data");
    FilesystemName to = world.target().name("copy");
    world.source().create(from);
    pair(from, to).sync(SyncListener.NONE);
    commands.clear();
    assertEquals(Outcome.UP_TO_DATE, pair(from, to).sync(SyncListener.NONE).outcome());
    assertEquals(List.of(), commands);
  }
}
