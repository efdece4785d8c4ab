package io.replication4j.testing;

import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationException;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnRemovedChild;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncStep;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.ObservedFilesystem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Random histories of a source, its children, its users' snapshots, and syncs that are disturbed or
 * not: after every sync that was not disturbed, the target equals the source; what a target has of
 * its own is never lost unless the policy says so.
 *
 * <p>{@code -Dr4j.histories=N} runs that many, {@code -Dr4j.seed=S} only that one; a failure names
 * its seed and lists what happened.
 */
public abstract class Histories extends PairTest {

  private static final int LONGEST = 25;
  private static final int MOST_CHILDREN = 6;

  /**
   * How many histories are run unless told otherwise: as many as take a few seconds on this
   * storage.
   */
  protected int histories() {
    return 150;
  }

  /** Each history from a seed of its own. */
  @TestFactory
  final Stream<DynamicTest> everyUndisturbedSyncMakesTheTargetEqualToTheSource() {
    Optional<Long> seed = Optional.ofNullable(Long.getLong("r4j.seed"));
    long count = Long.getLong("r4j.histories", histories());
    return seed.map(LongStream::of)
        .orElseGet(() -> LongStream.rangeClosed(1, count))
        .mapToObj(s -> DynamicTest.dynamicTest("-Dr4j.seed=" + s, () -> new History(s).run()));
  }

  /** One history. */
  private final class History {

    private final long seed;
    private final Random random;
    private final OnRemovedChild removed;
    private final boolean intermediates;
    private final List<String> story = new ArrayList<>();
    private int snapshots;

    History(long seed) {
      this.seed = seed;
      this.random = new Random(seed * 0x9E3779B97F4A7C15L);
      this.removed = random.nextBoolean() ? OnRemovedChild.KEEP : OnRemovedChild.DESTROY;
      this.intermediates = random.nextInt(4) == 0;
    }

    void run() throws Exception {
      reopen();
      name(); // a new world may be elsewhere
      createTree("");
      try {
        for (int i = 0; i < LONGEST; i++) {
          event();
        }
        syncUndisturbed();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "-Dr4j.seed="
                + seed
                + " removed="
                + removed
                + " intermediates="
                + intermediates
                + "\n"
                + String.join("\n", story)
                + "\n"
                + e,
            e);
      }
    }

    private void event() throws InterruptedException {
      clock.advance(Duration.ofSeconds(61));
      int event = random.nextInt(14);
      if (event >= 4 && event <= 7 && !world().hasChildren()) {
        return;
      }
      switch (event) {
        case 0, 1, 2 -> write();
        case 3 -> delete();
        case 4, 5 -> create();
        case 6 -> rename();
        case 7 -> destroy();
        case 8 -> snapshot();
        case 9 -> diverge();
        case 10, 11 -> syncDisturbed();
        default -> syncUndisturbed();
      }
    }

    private void tell(String what) {
      story.add(what);
    }

    // ---------------------------------------------------------------- what users do

    private List<String> paths() throws InterruptedException {
      return look(source(), from).members().stream()
          .filter(member -> member.live().kind() != LiveState.Kind.ABSENT)
          .map(ObservedFilesystem::path)
          .toList();
    }

    private String anyOf(List<String> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    private void write() throws InterruptedException {
      String path = anyOf(paths());
      String file = "f" + random.nextInt(3);
      tell("write " + path + ":" + file);
      Histories.this.write(path, file, "text " + random.nextInt(1000));
    }

    private void delete() throws InterruptedException {
      String path = anyOf(paths());
      List<String> files = List.copyOf(source().content(from.child(path)).keySet());
      if (!files.isEmpty()) {
        String file = anyOf(files);
        tell("delete " + path + ":" + file);
        source().delete(from.child(path), file);
      }
    }

    private void create() throws InterruptedException {
      List<String> paths = paths();
      newPath(paths, "")
          .filter(path -> paths.size() < MOST_CHILDREN)
          .ifPresent(
              path -> {
                tell("create " + path);
                source().create(from.child(path));
              });
    }

    /** A free path below some member that does not lie within {@code except}. */
    private Optional<String> newPath(List<String> paths, String except) {
      List<String> parents =
          paths.stream()
              .filter(p -> except.isEmpty() || !(p + "/").startsWith(except + "/"))
              .toList();
      String parent = anyOf(parents);
      String path = (parent.isEmpty() ? "" : parent + "/") + "c" + random.nextInt(3);
      return Optional.of(path).filter(p -> !paths.contains(p));
    }

    private void rename() throws InterruptedException {
      List<String> paths = paths();
      List<String> children = paths.stream().filter(path -> !path.isEmpty()).toList();
      if (!children.isEmpty()) {
        String child = anyOf(children);
        newPath(paths, child)
            .ifPresent(
                path -> {
                  tell("rename " + child + " to " + path);
                  source().rename(from.child(child), from.child(path));
                });
      }
    }

    private void destroy() throws InterruptedException {
      List<String> children = paths().stream().filter(path -> !path.isEmpty()).toList();
      if (!children.isEmpty()) {
        String child = anyOf(children);
        tell("destroy " + child);
        source().destroy(from.child(child));
      }
    }

    private void snapshot() throws InterruptedException {
      String name = "user" + ++snapshots;
      tell("snapshot " + name);
      Filesystem.of(source().backend(source().runner()), from).createTreeSnapshot(name);
    }

    /** Somebody writes to the target: refused and kept until the caller chooses. */
    private void diverge() throws InterruptedException {
      if (!target().exists(to)) {
        return;
      }
      tell("write to the target");
      target().write(to, "own", "change " + random.nextInt(1000));
      Map<String, String> changed = target().content(to);
      Histories.this.write("", "f0", "text " + random.nextInt(1000));
      Optional<SyncReport> refused = attempt(new Run(), OnDivergence.REFUSE);
      require(
          refused.map(r -> r.outcome() == Outcome.BLOCKED).orElse(true),
          "a changed target was not refused: " + refused);
      require(changed.equals(target().content(to)), "a changed target was changed");
      if (random.nextBoolean()) {
        tell("roll back");
        attempt(new Run(), OnDivergence.ROLL_BACK);
      }
      syncUndisturbed();
    }

    // ---------------------------------------------------------------- syncs

    private SyncPolicy policy(OnDivergence choice) {
      return SyncPolicy.builder(choice)
          .onRemovedChild(removed)
          .intermediates(intermediates)
          .build();
    }

    private Optional<SyncReport> attempt(Run run, OnDivergence choice) throws InterruptedException {
      List<SyncStep> begun = new ArrayList<>();
      SyncListener listener =
          new SyncListener() {
            @Override
            public void beforeStep(String pair, SyncStep step) {
              begun.add(step);
            }
          };
      try {
        SyncReport report = run.pair(policy(choice)).sync(listener);
        tell(
            "  "
                + report.outcome()
                + " "
                + steps(report)
                + report.conflict().map(Conflict::message).orElse(""));
        return Optional.of(report);
      } catch (SimulatedCrash | ReplicationException e) {
        tell("  " + e + " in " + begun);
        return Optional.empty();
      }
    }

    private void syncDisturbed() throws InterruptedException {
      Fault fault = anyFault();
      tell("sync with " + fault);
      attempt(new Run(fault), OnDivergence.KEEP_ASIDE);
    }

    private Fault anyFault() {
      Fault.Kind kind = random.nextBoolean() ? Fault.Kind.CRASH : Fault.Kind.CONNECTION_LOST;
      int number = 1 + random.nextInt(18);
      return switch (random.nextInt(5)) {
        case 0 -> new Fault.Before(number, kind);
        case 1 -> new Fault.After(number, kind);
        case 2 -> new Fault.Exit(number, 1, "simulated failure");
        case 3 -> new Fault.CutReceiver(1 + random.nextInt(2), random.nextInt(300));
        default -> new Fault.CutSender(1 + random.nextInt(2), random.nextInt(300), kind);
      };
    }

    /**
     * What cannot be brought together is kept aside; twice at most, since what was left may have to
     * be finished first.
     */
    private void syncUndisturbed() throws InterruptedException {
      tell("sync");
      boolean succeeded = false;
      for (int i = 0; i < 2 && !succeeded; i++) {
        clock.advance(Duration.ofSeconds(61));
        succeeded =
            attempt(new Run(), OnDivergence.KEEP_ASIDE).filter(SyncReport::succeeded).isPresent();
      }
      require(succeeded, "no success");
      assertInSync(PAIR, to);
      clock.advance(Duration.ofSeconds(61));
      Optional<SyncReport> again = attempt(new Run(), OnDivergence.KEEP_ASIDE);
      require(
          again.filter(r -> r.outcome() == Outcome.UP_TO_DATE).isPresent(),
          "not up to date after a sync: " + again);
    }

    private void require(boolean condition, String message) {
      if (!condition) {
        throw new AssertionError(message);
      }
    }
  }
}
