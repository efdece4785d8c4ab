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
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong between two real hosts and can be arranged at will: a target without room, a lost
 * base, a target that was written to. The next run repairs, or says what is needed; it sends
 * nothing in full that had a base, and leaves nothing behind. What comes at any moment is {@link
 * LabDisasters}, which takes from here what depends on the storage.
 */
public abstract class LabFaultContract extends PairTest {

  private static final Duration END = Duration.ofSeconds(90);
  private static final Duration AGAIN = Duration.ofMillis(500);

  private final Lab lab;

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

  /** A pattern of pgrep(1) for the commands that send and receive. */
  protected abstract String streamCommands();

  final List<String> members() {
    return world().hasChildren() ? List.of("", "a") : List.of("");
  }

  final SyncReport sync(FilesystemName origin, FilesystemName destination, Route route)
      throws InterruptedException {
    return ReplicationPair.builder(PAIR)
        .source(Filesystem.of(source().backend(lab.a().runner()), origin))
        .target(Filesystem.of(target().backend(lab.b().runner()), destination))
        .recursive(true)
        .policy(refusing().toBuilder().route(route).build())
        .build()
        .sync(SyncListener.NONE);
  }

  /** Those of a dead JVM end by themselves, once its connection is gone. */
  final void awaitEndOfStreams() throws InterruptedException {
    for (LabHost host : List.of(lab.a(), lab.b())) {
      long deadline = System.nanoTime() + END.toNanos();
      while (!host.shell("pgrep -f -- \"$1\" || :", "^" + streamCommands()).isBlank()) {
        assertTrue(System.nanoTime() < deadline, () -> "streams still run on " + host.name());
        TimeUnit.NANOSECONDS.sleep(AGAIN.toNanos());
      }
    }
  }

  /** Both hold the same, have the base and no other snapshot, and nothing is left over. */
  final void assertRepaired(FilesystemName origin, FilesystemName destination)
      throws InterruptedException {
    Observations both = assertInSync(PAIR, origin, destination);
    String sent = SnapshotNames.ofPair(PAIR).sent();
    for (Observation side : List.of(both.source(), both.target())) {
      snapshotNames(side)
          .forEach((path, names) -> assertEquals(List.of(sent), names, side.root() + " " + path));
    }
  }

  private void assertRepaired() throws InterruptedException {
    assertRepaired(from, to);
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
