package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.ImageWorld;
import io.replication4j.testing.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts that change an image are killed before each program that they run, and the one that
 * writes it in the middle of its work: the next sync ends where an undisturbed one does, and until
 * then the image is the old version, or is known not to be.
 */
class ImageKillTest {

  private static final List<String> PROGRAMS =
      List.of("dd", "mv", "sync", "rm", "touch", "truncate", "mkdir", "perl");

  /** Of the script as it is started: the shell that runs it. */
  private static final String AS_MAIN = "MAIN=$$ exec \"$@\"";

  /**
   * Counts, and instead of the program whose turn it is kills the script. perl is given half of
   * what it was to write, first.
   */
  private static final String STUB =
      """
      #!/bin/sh
      n=$(($(cat "$COUNT") + 1))
      echo "$n" >"$COUNT"
      if [ "$n" = "$TURN" ]; then
        [ "${0##*/}" != perl ] || { head -c 6000; echo end; } | /usr/bin/perl "$@"
        kill -9 "$MAIN"
        exit 1
      fi
      exec "/usr/bin/${0##*/}" "$@"
      """;

  @TempDir private Path programs;

  private final SyncPolicy policy =
      SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.COMPARE).build();

  private void preparePrograms(List<String> names) throws IOException {
    for (String name : names) {
      Path stub = programs.resolve(name);
      Files.writeString(stub, STUB);
      Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /** A host on which a script is killed when it is its {@code turn}-th program's. */
  private final class Killing implements CommandRunner {

    private final CommandRunner host;
    private final int turn;

    Killing(CommandRunner host, int turn) throws IOException {
      this.host = host;
      this.turn = turn;
      Files.writeString(count(), "0");
    }

    private Path count() {
      return programs.resolve("count");
    }

    int counted() throws IOException {
      return Integer.parseInt(Files.readString(count()).strip());
    }

    private Command watched(Command command) {
      List<String> words =
          new ArrayList<>(
              List.of(
                  "/usr/bin/env",
                  "PATH=" + programs + ":/usr/bin:/bin",
                  "COUNT=" + count(),
                  "TURN=" + turn,
                  "/bin/sh",
                  "-c",
                  AS_MAIN,
                  "sh"));
      words.addAll(command.argv());
      return Command.of(words);
    }

    @Override
    public String host() {
      return host.host();
    }

    @Override
    public CommandResult run(Command command) throws InterruptedException {
      return host.run(watched(command));
    }

    @Override
    public List<CommandResult> runAll(List<Command> commands) throws InterruptedException {
      List<CommandResult> results = new ArrayList<>();
      for (Command command : commands) {
        results.add(run(command));
        if (!results.get(results.size() - 1).succeeded()) {
          break;
        }
      }
      return results;
    }

    @Override
    public RunningCommand start(Command command) throws InterruptedException {
      return host.start(watched(command));
    }

    @Override
    public void close() {}
  }

  /** A pair, after a first sync if there is something to change. */
  private final class Scene implements AutoCloseable {

    final ImageWorld world = ImageWorld.open(Clock.systemUTC());
    final FilesystemName from = world.source().name("data");
    final FilesystemName to = world.target().name("image");
    final ImageOptions options;

    Scene(ImageOptions options, boolean isIncrement) throws Exception {
      this.options = options;
      world.source().create(from);
      world.source().write(from, "file", "one");
      ((FakeLvm) world.source().runner()).scribble("data", 3);
      if (isIncrement) {
        sync(world.target().runner());
        world.source().write(from, "file", "two");
        ((FakeLvm) world.source().runner()).scribble("data", 2);
      }
    }

    SyncReport sync(CommandRunner runner) throws InterruptedException {
      Site here = world.source();
      return ReplicationPair.builder("dr")
          .source(Filesystem.of(here.backend(here.runner()), from))
          .target(Filesystem.of(ImageBackend.on(runner, options), to))
          .policy(policy)
          .build()
          .sync(SyncListener.NONE);
    }

    Map<String, String> wanted() {
      return world.source().content(from);
    }

    Map<String, String> found() {
      return world.target().content(to);
    }

    @Override
    public void close() {
      world.close();
    }
  }

  private void killAtEveryProgram(ImageOptions options, boolean isIncrement) throws Exception {
    int programsRun;
    try (Scene undisturbed = new Scene(options, isIncrement)) {
      Killing counting = new Killing(undisturbed.world.target().runner(), -1);
      assertEquals(Outcome.SYNCED, undisturbed.sync(counting).outcome());
      programsRun = counting.counted();
    }
    assertTrue(programsRun > 10, () -> "" + programsRun);
    for (int turn = 1; turn <= programsRun; turn++) {
      try (Scene scene = new Scene(options, isIncrement)) {
        killAt(turn, scene);
      }
    }
  }

  private void killAt(int turn, Scene scene) throws Exception {
    Killing killing = new Killing(scene.world.target().runner(), turn);
    try {
      scene.sync(killing);
    } catch (ReplicationException e) {
      // as it should be, unless what was killed did not matter any more
    }
    assertTrue(killing.counted() >= turn, "it was killed");
    SyncReport repair = scene.sync(scene.world.target().runner());
    assertTrue(repair.succeeded(), () -> "killed at " + turn + ": " + repair);
    assertEquals(scene.wanted(), scene.found(), () -> "killed at " + turn);
    assertEquals(Set.of(), scene.world.target().leftovers(), () -> "killed at " + turn);
    assertEquals(Outcome.UP_TO_DATE, scene.sync(scene.world.target().runner()).outcome());
  }

  @Test
  void aFirstSyncIsRepaired() throws Exception {
    preparePrograms(PROGRAMS);
    killAtEveryProgram(ImageOptions.defaults(), false);
  }

  @Test
  void anIncrementIsRepaired() throws Exception {
    preparePrograms(PROGRAMS);
    killAtEveryProgram(ImageOptions.defaults(), true);
  }

  @Test
  void anIncrementThatIsWrittenThroughIsRepairedByComparing() throws Exception {
    preparePrograms(PROGRAMS);
    killAtEveryProgram(ImageOptions.builder().nonAtomic().build(), true);
  }
}
