package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncStep;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.CommandLog;
import io.replication4j.testing.Fault;
import io.replication4j.testing.FaultScript;
import io.replication4j.testing.SimulatedCrash;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A sync that keeps a changed replica aside is stopped at every command; the next run must end in
 * the state of an undisturbed one, and the one after it must be an ordinary increment.
 */
abstract class KeepAsideCrashes {

  private static final SyncPolicy KEEPING = SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build();
  private static final List<String> TREE = List.of("", "a", "a/b", "c");

  private final List<World> opened = new ArrayList<>();
  private World world;
  private FilesystemName from;
  private FilesystemName to;

  /** Two hosts with empty storage. */
  protected abstract World open() throws InterruptedException;

  /** Whether a sync is stopped after that command. Default: after every one. */
  protected boolean isChosen(CommandLog.Entry command) {
    return true;
  }

  @AfterEach
  void close() {
    opened.forEach(World::close);
  }

  @TestFactory
  Stream<DynamicTest> aChangedRoot() throws Exception {
    return matrix(List.of(""));
  }

  @TestFactory
  Stream<DynamicTest> aChangedChild() throws Exception {
    return matrix(List.of("a"));
  }

  @TestFactory
  Stream<DynamicTest> aChangedRootAndChildren() throws Exception {
    return matrix(List.of("", "a", "a/b"));
  }

  private Stream<DynamicTest> matrix(List<String> changed) throws Exception {
    begin(changed);
    FaultScript undisturbed = FaultScript.of();
    requireSuccess(sync(undisturbed));
    requireEndState(changed, "two");
    List<DynamicTest> tests = new ArrayList<>();
    for (CommandLog.Entry command : undisturbed.log().entries()) {
      if (isChosen(command)) {
        Fault fault = new Fault.After(command.number(), Fault.Kind.CRASH);
        tests.add(DynamicTest.dynamicTest("after " + command, () -> survive(changed, fault)));
      }
    }
    return tests.stream();
  }

  private void begin(List<String> changed) throws Exception {
    world = open();
    opened.add(world);
    from = world.source().name("data");
    to = world.target().name("copy");
    for (String path : TREE) {
      world.source().create(from.child(path));
      world.source().write(from.child(path), "file", "one");
    }
    requireSuccess(sync(FaultScript.of()));
    for (String path : TREE) {
      world.source().write(from.child(path), "file", "two");
    }
    for (String path : changed) {
      world.target().write(to.child(path), "mine", "of " + path);
    }
  }

  private void survive(List<String> changed, Fault fault) throws Exception {
    begin(changed);
    FaultScript disturbed = FaultScript.of(fault);
    try {
      sync(disturbed);
    } catch (SimulatedCrash | ReplicationException e) {
      // what it left is what this is about
    }
    assertTrue(disturbed.wasHit());
    try {
      SyncReport repaired = sync(FaultScript.of());
      requireSuccess(repaired);
      requireNoFullSend(repaired);
      requireEndState(changed, "two");
      requireNextIncrement(changed);
    } catch (ReplicationException | AssertionError e) {
      throw new AssertionError(e.getMessage() + "; first:\n" + disturbed.log(), e);
    }
  }

  private void requireNextIncrement(List<String> changed) throws Exception {
    for (String path : TREE) {
      world.source().write(from.child(path), "file", "three");
    }
    SyncReport next = sync(FaultScript.of());
    requireSuccess(next);
    requireNoFullSend(next);
    requireEndState(changed, "three");
  }

  private SyncReport sync(FaultScript script) throws InterruptedException {
    return ReplicationPair.builder("data-dr")
        .source(Filesystem.of(world.source().backend(OneByOne.in(script, world.source())), from))
        .target(Filesystem.of(world.target().backend(OneByOne.in(script, world.target())), to))
        .recursive(true)
        .policy(KEEPING)
        .build()
        .sync(SyncListener.NONE);
  }

  private static void requireSuccess(SyncReport report) {
    assertTrue(report.succeeded(), report::toString);
  }

  private static void requireNoFullSend(SyncReport report) {
    List<SyncStep.MemberSend> full =
        report.steps().stream()
            .filter(step -> !step.skipped())
            .map(SyncReport.StepReport::step)
            .filter(SyncStep.Send.class::isInstance)
            .flatMap(step -> ((SyncStep.Send) step).members().stream())
            .filter(member -> member.base().isEmpty())
            .toList();
    assertEquals(List.of(), full);
  }

  /**
   * The target is what the source is, each changed member is kept once with its change, and nothing
   * else came to be.
   */
  private void requireEndState(List<String> changed, String text) throws Exception {
    for (String path : TREE) {
      assertEquals(
          world.source().content(from.child(path)), world.target().content(to.child(path)), path);
      assertTrue(world.source().content(from.child(path)).get("file").startsWith(text), path);
    }
    assertEquals(expectedAsides(changed), asides());
    assertEquals(TREE.stream().map(path -> to.child(path).value()).toList(), datasets(to.value()));
  }

  private static Map<String, Integer> expectedAsides(List<String> changed) {
    Map<String, Integer> once = new TreeMap<>();
    changed.forEach(path -> once.put("of " + path, 1));
    return once;
  }

  /** What is beside the target, by the change that it keeps. */
  private Map<String, Integer> asides() throws Exception {
    Map<String, Integer> kept = new TreeMap<>();
    String home = to.value().substring(0, to.value().lastIndexOf('/'));
    for (String dataset : datasets(home)) {
      if (!dataset.equals(home) && !FilesystemName.of(dataset).isWithin(to)) {
        Map<String, String> content = world.target().content(FilesystemName.of(dataset));
        assertTrue(content.get("file").startsWith("one"), () -> dataset + ": " + content);
        String mine = content.getOrDefault("mine", "nothing in " + dataset);
        kept.merge(mine.replaceFirst(" \\d+ \\S+$", ""), 1, Integer::sum);
      }
    }
    return kept;
  }

  private List<String> datasets(String dataset) throws Exception {
    Command list =
        Command.of("zfs", "list", "-H", "-r", "-t", "filesystem,volume", "-o", "name", dataset);
    return world.target().runner().run(list).output().lines().toList();
  }

  /**
   * Runs each item of a batch of renames as a command of its own, so that it can be stopped between
   * any two.
   */
  private record OneByOne(CommandRunner runner) implements CommandRunner {

    static CommandRunner in(FaultScript script, Site site) {
      return new OneByOne(script.wrap(site.runner()));
    }

    @Override
    public String host() {
      return runner.host();
    }

    @Override
    public CommandResult run(Command command) throws InterruptedException {
      boolean rename = command.argv().size() > 1 && command.argv().get(1).equals("rename");
      if (!rename || command.argumentLists().isEmpty()) {
        return runner.run(command);
      }
      CommandResult result = new CommandResult(0, "", "", Duration.ZERO);
      for (List<String> names : command.argumentLists()) {
        List<String> argv = new ArrayList<>(command.argv());
        argv.addAll(names);
        CommandResult one = runner.run(Command.of(argv));
        result = one.succeeded() ? result : one;
      }
      return result;
    }

    @Override
    public RunningCommand start(Command command) throws InterruptedException {
      return runner.start(command);
    }

    @Override
    public void close() {
      runner.close();
    }
  }
}
