package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NoSpaceException;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationPair;
import io.replication4j.Snapshot;
import io.replication4j.SnapshotNames;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import io.replication4j.spi.Observation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Real faults between two real hosts: the JVM or a host dies, or the network does, in the middle of
 * syncs, or somebody changes what is not his. The next run repairs what is left, sends nothing in
 * full that had a base, and leaves nothing behind.
 *
 * <p>{@code -Dlab.rounds=N} sets the number of syncs that are disturbed, {@link #LANES} of them at
 * a time, {@code -Dlab.seed=N} repeats the random choices; the moments still depend on how fast the
 * hosts are.
 */
public abstract class LabFaultContract extends PairTest {

  /**
   * Pairs that are synced at the same time, begun one after the other, so that a disaster finds
   * each at another point. The data of the last goes from one host to the other without passing
   * this one.
   */
  private static final int LANES = 5;

  private static final Duration END = Duration.ofSeconds(90);

  /** Until the disaster; on a slow machine a sync that began last has hardly begun by then. */
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final Lab lab;

  /** How long the last syncs took that nothing happened to: what a disaster falls into. */
  private Duration undisturbed = Duration.ofSeconds(8);

  protected LabFaultContract(Lab lab) {
    this.lab = lab;
  }

  /** A class whose {@code main} calls {@link LabSync#main}. */
  protected abstract Class<?> syncProgram();

  /** Puts so much random data into a new or old file of a source's member. */
  protected abstract void fill(LabHost host, FilesystemName filesystem, String file, int mebibytes)
      throws InterruptedException;

  /** Takes all room but a little on the target's storage; what it returns gives it back. */
  protected abstract AutoCloseable takeRoom(LabHost host, FilesystemName root)
      throws InterruptedException;

  /**
   * What has to be done on a host that was off before its storage can be used; nothing unless
   * overridden.
   */
  protected void afterBoot(LabHost host) throws InterruptedException {}

  /** Whether data can go from one host to the other without passing this one. */
  protected boolean goesDirectly() {
    return true;
  }

  private List<String> members() {
    return world().hasChildren() ? List.of("", "a") : List.of("");
  }

  /** A pattern of pgrep(1) for the commands that send and receive. */
  protected abstract String streamCommands();

  /** What happens to syncs. */
  private enum Disaster {
    JVM_KILLED,
    SOURCE_LOST_POWER,
    TARGET_LOST_POWER,
    NETWORK_CUT
  }

  /** One of the pairs that are synced at the same time. */
  private record Lane(FilesystemName from, FilesystemName to, Route route) {

    String argument(Duration delay) {
      return String.join("\t", from.value(), to.value(), route.name(), delay.toMillis() + "");
    }
  }

  @Test
  void whateverHappensTheNextRunRepairs() throws Exception {
    int rounds = Integer.getInteger("lab.rounds", 20);
    long seed = Long.getLong("lab.seed", new Random().nextLong());
    System.err.println("lab.seed=" + seed + " lab.rounds=" + rounds);
    Random random = new Random(seed);
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
        System.err.println(what + ": " + disturbAndRepair(lanes, first, disaster, random));
      } catch (AssertionError | Exception e) {
        throw new AssertionError(what + ": " + e, e);
      }
    }
  }

  private List<Lane> startAnew(int batch) {
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < LANES; i++) {
      Lane lane =
          new Lane(
              source().name("data" + batch + "-" + i),
              target().name("copy" + batch + "-" + i),
              i == LANES - 1 && goesDirectly() ? Route.DIRECT : Route.THROUGH_HERE);
      members().forEach(member -> source().create(lane.from.child(member)));
      lanes.add(lane);
    }
    return lanes;
  }

  /** Returns a line that says what came of it. */
  private String disturbAndRepair(List<Lane> lanes, boolean first, Disaster disaster, Random random)
      throws Exception {
    List<Duration> delays = new ArrayList<>();
    for (int i = 0; i < LANES; i++) {
      delays.add(Duration.ofMillis(random.nextInt((int) undisturbed.toMillis())));
    }
    String file = "file " + random.nextInt(3);
    int mebibytes = 1 + random.nextInt(4);
    forEach(
        lanes,
        lane -> {
          for (String member : members()) {
            fill(lab.a(), lane.from.child(member), file, mebibytes);
          }
          return mebibytes;
        });
    long start = System.nanoTime();
    disturb(disaster, lanes, delays);
    awaitEndOfStreams();
    long disturbed = System.nanoTime();
    List<SyncReport> repairs = forEach(lanes, this::sync);
    Duration repaired = Duration.ofNanos(System.nanoTime() - disturbed);
    undisturbed = repaired.compareTo(LONGEST) < 0 ? repaired : LONGEST;
    for (SyncReport repair : repairs) {
      if (!first) {
        assertEquals(List.of(), sentInFull(repair));
      }
    }
    assertRepaired(lanes);
    return "begun after %s; repaired in %s by %s; %d s"
        .formatted(
            delays,
            repaired,
            repairs.stream().map(LabFaultContract::summary).toList(),
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
  }

  private static String summary(SyncReport report) {
    return report.outcome()
        + steps(report).stream()
            .map(step -> " " + step.getClass().getSimpleName())
            .collect(Collectors.joining());
  }

  private void disturb(Disaster disaster, List<Lane> lanes, List<Duration> delays)
      throws Exception {
    if (disaster == Disaster.JVM_KILLED) {
      List<String> arguments = new ArrayList<>(List.of(lab.a().config().toString(), PAIR));
      for (int i = 0; i < LANES; i++) {
        arguments.add(lanes.get(i).argument(delays.get(i)));
      }
      Process process = LabSync.start(syncProgram(), arguments);
      pause(undisturbed);
      process.destroyForcibly().waitFor();
      return;
    }
    List<FutureTask<Boolean>> syncs = new ArrayList<>();
    for (int i = 0; i < LANES; i++) {
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
        sync.get(END.toSeconds() * 2, TimeUnit.SECONDS);
      }
    } catch (TimeoutException e) {
      throw new AssertionError("a sync does not notice", e);
    } finally {
      victim.up();
      afterBoot(victim);
    }
  }

  /** Returns whether the sync was finished before the disaster. */
  private boolean pauseAndSync(Duration delay, Lane lane) throws InterruptedException {
    pause(delay);
    try {
      sync(lane);
      return true;
    } catch (ReplicationException e) {
      return false;
    }
  }

  private SyncReport sync(Lane lane) throws InterruptedException {
    return ReplicationPair.builder(PAIR)
        .source(Filesystem.of(source().backend(lab.a().runner()), lane.from))
        .target(Filesystem.of(target().backend(lab.b().runner()), lane.to))
        .recursive(true)
        .policy(refusing().toBuilder().route(lane.route).build())
        .build()
        .sync(SyncListener.NONE);
  }

  /** Does something with every lane at the same time. */
  private static <T> List<T> forEach(List<Lane> lanes, LaneAction<T> action) throws Exception {
    List<FutureTask<T>> all =
        lanes.stream().map(lane -> inBackground(() -> action.perform(lane))).toList();
    List<T> results = new ArrayList<>();
    for (FutureTask<T> one : all) {
      results.add(one.get());
    }
    return results;
  }

  /** What can be done with a lane. */
  private interface LaneAction<T> {
    T perform(Lane lane) throws Exception;
  }

  /** On a thread of its own: the common pool is too small for what only waits. */
  private static <T> FutureTask<T> inBackground(Callable<T> action) {
    FutureTask<T> task = new FutureTask<>(action);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private static void pause(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    while (end - System.nanoTime() > 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  /** Those of a dead JVM end by themselves, once its connection is gone. */
  private void awaitEndOfStreams() throws InterruptedException {
    for (LabHost host : List.of(lab.a(), lab.b())) {
      long deadline = System.nanoTime() + END.toNanos();
      while (!host.shell("pgrep -f -- \"$1\" || :", "^" + streamCommands()).isBlank()) {
        assertTrue(System.nanoTime() < deadline, () -> "streams still run on " + host.name());
        pause(Duration.ofMillis(500));
      }
    }
  }

  private void assertRepaired() throws Exception {
    assertRepaired(List.of(new Lane(from, to, Route.THROUGH_HERE)));
  }

  private void assertRepaired(List<Lane> lanes) throws Exception {
    List<Observations> seen = forEach(lanes, lane -> assertInSync(PAIR, lane.from, lane.to));
    String sent = SnapshotNames.ofPair(PAIR).sent();
    for (Observations both : seen) {
      for (Observation side : List.of(both.source(), both.target())) {
        snapshotNames(side)
            .forEach((path, names) -> assertEquals(List.of(sent), names, side.root() + " " + path));
      }
    }
    awaitEndOfStreams();
  }

  @Test
  void aTargetWithoutRoomIsRepairedWhenThereIsRoom() throws Exception {
    createTree(members().toArray(String[]::new));
    fill(lab.a(), from, "file", 1);
    sync();
    fill(lab.a(), from, "file", 48);
    AutoCloseable taken = takeRoom(lab.b(), to);
    try {
      assertThrows(NoSpaceException.class, this::sync);
    } finally {
      taken.close();
    }
    assertEquals(List.of(), sentInFull(sync()));
    assertRepaired();
  }

  @Test
  void aSourceThatLostItsBaseIsSentInFullOnlyOnDemand() throws Exception {
    createTree(members().toArray(String[]::new));
    fill(lab.a(), from, "file", 1);
    sync();
    Filesystem source = Filesystem.of(source().backend(lab.a().runner()), from);
    String sent = SnapshotNames.ofPair(PAIR).sent();
    for (FilesystemName member : source.tree()) {
      Filesystem filesystem = Filesystem.of(source().backend(lab.a().runner()), member);
      for (Snapshot snapshot : filesystem.snapshots()) {
        if (snapshot.name().equals(sent)) {
          filesystem.destroy(snapshot); // on some storage with those of its children
        }
      }
    }
    fill(lab.a(), from, "file", 1);
    Map<String, Map<String, String>> before = liveContents(target(), to);
    assertInstanceOf(Conflict.BrokenChain.class, sync().conflict().orElseThrow());
    assertEquals(before, liveContents(target(), to));

    SyncPolicy full =
        policy(OnDivergence.KEEP_ASIDE).toBuilder().onBrokenChain(OnBrokenChain.FULL).build();
    assertEquals(members(), sentInFull(sync(full)));
    fill(lab.a(), from, "file", 1);
    assertEquals(List.of(), sentInFull(sync()));
    assertRepaired();
  }

  @Test
  void aTargetThatWasWrittenToIsRolledBackOnlyOnDemand() throws Exception {
    createTree(members().toArray(String[]::new));
    String last = members().get(members().size() - 1);
    fill(lab.a(), from, "file", 1);
    sync();
    target().write(to.child(last), "own", "change");
    fill(lab.a(), from.child(last), "file", 1);
    Map<String, Map<String, String>> before = liveContents(target(), to);
    assertInstanceOf(Conflict.Diverged.class, sync().conflict().orElseThrow());
    assertEquals(before, liveContents(target(), to));

    assertEquals(List.of(), sentInFull(sync(policy(OnDivergence.ROLL_BACK))));
    assertRepaired();
  }
}
