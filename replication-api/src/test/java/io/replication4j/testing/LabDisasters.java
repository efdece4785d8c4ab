package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.FilesystemName;
import io.replication4j.ReplicationException;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Real faults between two real hosts, in the middle of syncs of every kind of storage at once: the
 * JVM dies, a host loses its power, or the network does not carry anything. The next run repairs
 * what is left, sends nothing in full that had a base, and leaves nothing behind.
 *
 * <p>{@code -Dlab.rounds=N} sets the number of syncs of each storage that are disturbed, {@link
 * #LANES} of them at a time, {@code -Dlab.seed=N} repeats the random choices; the moments still
 * depend on how fast the hosts are.
 */
public final class LabDisasters {

  /**
   * Pairs of each storage that are synced at the same time, begun one after the other, so that a
   * disaster finds each at another point. The data of the last goes from one host to the other
   * without passing this one.
   */
  private static final int LANES = 5;

  /** Until every sync has noticed. */
  private static final Duration NOTICED = Duration.ofMinutes(3);

  /** Until the disaster; on a slow machine a sync that began last has hardly begun by then. */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /** What happens to syncs. */
  private enum Disaster {
    JVM_KILLED,
    SOURCE_LOST_POWER,
    TARGET_LOST_POWER,
    NETWORK_CUT
  }

  /** One of the pairs that are synced at the same time. */
  private record Lane(
      LabFaultContract storage, FilesystemName from, FilesystemName to, Route route) {

    SyncReport sync() throws InterruptedException {
      return storage.sync(from, to, route);
    }

    String argument(Duration delay) {
      return String.join("\t", from.value(), to.value(), route.name(), delay.toMillis() + "");
    }
  }

  /** The sync after the disaster. */
  private record Repair(Lane lane, SyncReport report, Duration took) {

    static Repair of(Lane lane) throws InterruptedException {
      long start = System.nanoTime();
      SyncReport report = lane.sync();
      return new Repair(lane, report, Duration.ofNanos(System.nanoTime() - start));
    }

    @Override
    public String toString() {
      return "%s in %d s: %s%s"
          .formatted(
              lane.to,
              took.toSeconds(),
              report.outcome(),
              PairTest.steps(report).stream()
                  .map(step -> " " + step.getClass().getSimpleName())
                  .collect(Collectors.joining()));
    }
  }

  /** Something that is done with each of several things at the same time. */
  private interface Action<T, R> {
    R perform(T thing) throws Exception;
  }

  private final Lab lab;
  private final List<LabFaultContract> storages;
  private final int rounds = Integer.getInteger("lab.rounds", 20);
  private final long seed = Long.getLong("lab.seed", new Random().nextLong());
  private final Random random = new Random(seed);

  /** How long the last syncs took that nothing happened to: what a disaster falls into. */
  private Duration undisturbed = Duration.ofSeconds(12);

  /**
   * @param storages all on hosts of {@code lab}, each on a disk of its own
   */
  public LabDisasters(Lab lab, List<? extends LabFaultContract> storages) {
    this.lab = lab;
    this.storages = List.copyOf(storages);
  }

  /**
   * Lets one disaster after the other happen; throws at the first that is not repaired. What it
   * made is removed when the hosts are reset.
   */
  public void befall() throws Exception {
    System.err.println("lab.seed=" + seed + " lab.rounds=" + rounds);
    for (LabFaultContract storage : storages) {
      storage.openWorld();
    }
    rounds();
  }

  private void rounds() throws Exception {
    List<Disaster> disasters = new ArrayList<>();
    List<Lane> lanes = List.of();
    for (int batch = 0; batch * LANES < rounds; batch++) {
      if (disasters.isEmpty()) {
        disasters.addAll(List.of(Disaster.values()));
        Collections.shuffle(disasters, random);
      }
      Disaster disaster = disasters.remove(0);
      boolean first = batch % 3 == 0;
      if (first) {
        lanes = startAnew(batch);
      }
      String what =
          "batch %d of seed %d, %s, %s"
              .formatted(batch, seed, first ? "first syncs" : "increments", disaster);
      try {
        System.err.println(what + ": " + disturbAndRepair(lanes, first, disaster));
      } catch (AssertionError | Exception e) {
        throw new AssertionError(what + ": " + e, e);
      }
    }
  }

  private List<Lane> startAnew(int batch) throws Exception {
    List<Lane> lanes = new ArrayList<>();
    for (LabFaultContract storage : storages) {
      for (int i = 0; i < LANES; i++) {
        lanes.add(
            new Lane(
                storage,
                storage.source().name("data" + batch + "-" + i),
                storage.target().name("copy" + batch + "-" + i),
                i == LANES - 1 && storage.goesDirectly() ? Route.DIRECT : Route.THROUGH_HERE));
      }
    }
    forEach(
        lanes,
        lane -> {
          for (String member : lane.storage.members()) {
            lane.storage.source().create(lane.from.child(member));
          }
          return lane;
        });
    return lanes;
  }

  /** Returns a line that says what came of it. */
  private String disturbAndRepair(List<Lane> lanes, boolean first, Disaster disaster)
      throws Exception {
    List<Duration> delays = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      delays.add(Duration.ofMillis(random.nextInt((int) undisturbed.toMillis())));
    }
    fill(lanes, "file " + random.nextInt(3), 1 + random.nextInt(4));
    long start = System.nanoTime();
    disturb(disaster, lanes, delays);
    forEach(
        storages,
        storage -> {
          storage.awaitEndOfStreams();
          return storage;
        });
    long disturbed = System.nanoTime();
    List<Repair> repairs = forEach(lanes, Repair::of);
    Duration repaired = Duration.ofNanos(System.nanoTime() - disturbed);
    undisturbed = repaired.compareTo(LONGEST) < 0 ? repaired : LONGEST;
    if (!first) {
      repairs.stream()
          .map(Repair::report)
          .forEach(
              report -> assertEquals(List.of(), PairTest.sentInFull(report), report::toString));
    }
    assertRepaired(lanes);
    return "begun after %s; %d s later repaired in %d s by %s; checked in %d s"
        .formatted(
            delays,
            TimeUnit.NANOSECONDS.toSeconds(disturbed - start),
            repaired.toSeconds(),
            repairs,
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - disturbed) - repaired.toSeconds());
  }

  private void fill(List<Lane> lanes, String file, int mebibytes) throws Exception {
    forEach(
        lanes,
        lane -> {
          for (String member : lane.storage.members()) {
            lane.storage.fill(lab.a(), lane.from.child(member), file, mebibytes);
          }
          return lane;
        });
  }

  private void disturb(Disaster disaster, List<Lane> lanes, List<Duration> delays)
      throws Exception {
    if (disaster == Disaster.JVM_KILLED) {
      killJvms(lanes, delays);
      return;
    }
    List<FutureTask<Boolean>> syncs = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      Duration delay = delays.get(i);
      syncs.add(inBackground(() -> pauseAndSync(delay, lane)));
    }
    pause(undisturbed);
    LabHost victim = disaster == Disaster.SOURCE_LOST_POWER ? lab.a() : lab.b();
    if (disaster == Disaster.NETWORK_CUT) {
      victim.cut();
    } else {
      victim.kill();
    }
    try {
      for (FutureTask<Boolean> sync : syncs) {
        sync.get(NOTICED.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (TimeoutException e) {
      throw new AssertionError("a sync does not notice", e);
    } finally {
      victim.up();
      for (LabFaultContract storage : storages) {
        storage.afterBoot(victim);
      }
    }
  }

  /** One for each storage, all at the same moment. */
  private void killJvms(List<Lane> lanes, List<Duration> delays) throws Exception {
    List<Process> processes =
        forEach(
            storages,
            storage -> {
              List<String> arguments =
                  new ArrayList<>(List.of(lab.a().config().toString(), PairTest.PAIR));
              for (int i = 0; i < lanes.size(); i++) {
                if (lanes.get(i).storage == storage) {
                  arguments.add(lanes.get(i).argument(delays.get(i)));
                }
              }
              return LabSync.start(storage.syncProgram(), arguments);
            });
    pause(undisturbed);
    processes.forEach(Process::destroyForcibly);
    for (Process process : processes) {
      process.waitFor();
    }
  }

  /** Returns whether the sync was finished before the disaster. */
  private static boolean pauseAndSync(Duration delay, Lane lane) throws InterruptedException {
    pause(delay);
    try {
      lane.sync();
      return true;
    } catch (ReplicationException e) {
      return false;
    }
  }

  private static void assertRepaired(List<Lane> lanes) throws Exception {
    forEach(
        lanes,
        lane -> {
          lane.storage.assertRepaired(lane.from, lane.to);
          return lane;
        });
  }

  private static <T, R> List<R> forEach(List<T> things, Action<T, R> action) throws Exception {
    List<FutureTask<R>> all =
        things.stream().map(thing -> inBackground(() -> action.perform(thing))).toList();
    List<R> results = new ArrayList<>();
    for (FutureTask<R> one : all) {
      results.add(one.get());
    }
    return results;
  }

  /** On a thread of its own: the common pool is too small for what only waits. */
  private static <T> FutureTask<T> inBackground(Callable<T> action) {
    FutureTask<T> task = new FutureTask<>(action);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private static void pause(Duration duration) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(duration.toNanos());
  }
}
