package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.FilesystemName;
import io.replication4j.NoSpaceException;
import io.replication4j.ReplicationException;
import io.replication4j.SnapshotNames;
import io.replication4j.SyncReport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Real faults between two real hosts: the JVM or a host dies, or the network does, at a random
 * moment of a sync. The next run repairs what is left, sends nothing in full that had a base, and
 * leaves nothing behind.
 *
 * <p>{@code -Dlab.rounds=N} sets the number of rounds, {@code -Dlab.seed=N} repeats the random
 * choices; the moments still depend on how fast the hosts are.
 */
public abstract class LabFaultContract extends PairTest {

  private static final List<String> MEMBERS = List.of("", "a", "a/b");
  private static final int MEBIBYTES = 4;
  private static final Duration END = Duration.ofSeconds(90);

  private final Lab lab;

  /** How long the last sync took that nothing happened to: the next disaster comes before that. */
  private Duration undisturbed = Duration.ofSeconds(4);

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

  /** A pattern of pgrep(1) for the commands that send and receive. */
  protected abstract String streamCommands();

  /**
   * Nothing is left of a sync that would not be left after an undisturbed one, besides snapshots.
   */
  protected abstract void assertNothingLeft(LabHost host, FilesystemName root)
      throws InterruptedException;

  /** What happens to a sync. */
  private enum Disaster {
    JVM_KILLED,
    SOURCE_LOST_POWER,
    TARGET_LOST_POWER,
    NETWORK_CUT;

    static Disaster any(Random random) {
      return List.of(
              JVM_KILLED,
              JVM_KILLED,
              JVM_KILLED,
              SOURCE_LOST_POWER,
              TARGET_LOST_POWER,
              TARGET_LOST_POWER,
              NETWORK_CUT)
          .get(random.nextInt(7));
    }
  }

  @Test
  void whateverHappensTheNextRunRepairs() throws Exception {
    int rounds = Integer.getInteger("lab.rounds", 20);
    long seed = Long.getLong("lab.seed", new Random().nextLong());
    System.err.println("lab.seed=" + seed + " lab.rounds=" + rounds);
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      Disaster disaster = Disaster.any(random);
      boolean first = round % 5 == 0;
      String what =
          "round "
              + round
              + " of seed "
              + seed
              + ": "
              + (first ? "first sync" : "increment")
              + ", "
              + disaster;
      try {
        round(round, first, disaster, random);
      } catch (AssertionError | Exception e) {
        throw new AssertionError(what + ": " + e, e);
      }
    }
  }

  private void round(int round, boolean first, Disaster disaster, Random random) throws Exception {
    if (first) {
      startAnew(round);
    }
    for (String member : MEMBERS) {
      fill(lab.a(), from.child(member), "file " + random.nextInt(3), MEBIBYTES);
    }
    boolean hadBase = !snapshotNames(target(), to).isEmpty();
    Duration moment = Duration.ofNanos((long) (random.nextDouble() * undisturbed.toNanos()));
    long start = System.nanoTime();
    boolean finished = disturb(disaster, moment);
    awaitEndOfStreams();
    SyncReport repair = repair();
    System.err.printf(
        "round %d: %s %s after %d ms%s; repaired %s, %d s%n",
        round,
        first ? "first sync" : "increment",
        disaster,
        moment.toMillis(),
        finished ? " (too late)" : "",
        steps(repair).stream().map(step -> step.getClass().getSimpleName()).toList(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    if (hadBase) {
      assertEquals(List.of(), sentInFull(repair));
    }
    assertRepaired();
  }

  private void startAnew(int round) {
    if (round > 0) {
      source().destroy(from);
      target().destroy(to);
    }
    from = source().name("data" + round);
    to = target().name("copy" + round);
    MEMBERS.forEach(member -> source().create(from.child(member)));
  }

  /** Returns whether the sync was finished before. */
  private boolean disturb(Disaster disaster, Duration moment) throws InterruptedException {
    if (disaster == Disaster.JVM_KILLED) {
      return killJvm(moment);
    }
    CompletableFuture<Boolean> sync = CompletableFuture.supplyAsync(this::succeeds);
    pause(moment);
    LabHost victim = disaster == Disaster.SOURCE_LOST_POWER ? lab.a() : lab.b();
    if (disaster == Disaster.NETWORK_CUT) {
      victim.cut();
    } else {
      victim.kill();
    }
    try {
      return sync.get(END.toSeconds() * 2, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("the sync does not notice", e);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      victim.up();
      afterBoot(victim);
    }
  }

  private boolean killJvm(Duration moment) throws InterruptedException {
    Process process =
        LabSync.start(
            syncProgram(), List.of(lab.a().config().toString(), PAIR, from.value(), to.value()));
    boolean ended = process.waitFor(moment.toMillis(), TimeUnit.MILLISECONDS);
    process.destroyForcibly().waitFor();
    return ended;
  }

  private boolean succeeds() {
    try {
      sync();
      return true;
    } catch (ReplicationException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
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

  private SyncReport repair() throws InterruptedException {
    long start = System.nanoTime();
    SyncReport report = sync();
    undisturbed = Duration.ofNanos(System.nanoTime() - start);
    return report;
  }

  private void assertRepaired() throws InterruptedException {
    assertInSync(PAIR, to);
    String sent = SnapshotNames.ofPair(PAIR).sent();
    assertOnlySnapshot(sent, snapshotNames(source(), from));
    assertOnlySnapshot(sent, snapshotNames(target(), to));
    awaitEndOfStreams();
    assertNothingLeft(lab.a(), from);
    assertNothingLeft(lab.b(), to);
  }

  private static void assertOnlySnapshot(String name, Map<String, List<String>> members) {
    members.forEach((path, names) -> assertEquals(List.of(name), names, path));
  }

  @Test
  void aTargetWithoutRoomIsRepairedWhenThereIsRoom() throws Exception {
    startAnew(0);
    fill(lab.a(), from, "file", 1);
    sync();
    fill(lab.a(), from, "file", 48);
    AutoCloseable taken = takeRoom(lab.b(), to);
    try {
      assertThrows(NoSpaceException.class, this::sync);
    } finally {
      taken.close();
    }
    assertEquals(List.of(), sentInFull(repair()));
    assertRepaired();
  }
}
