package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.Site;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What cut syncs leave behind between and inside LVM's own commands, and what the next one does.
 */
class LvmRemainsTest {

  private final FakeLvmWorld world = FakeLvmWorld.open(LvmOptions.defaults(), Clock.systemUTC());
  private final Site source = world.source();
  private final Site target = world.target();
  private final FilesystemName from = source.name("data");
  private final FilesystemName to = target.name("copy");

  @BeforeEach
  void syncOnce() throws InterruptedException {
    source.create(from);
    source.write(from, "file", "one");
    assertEquals(Outcome.SYNCED, sync().outcome());
    source.write(from, "file", "two");
  }

  private SyncReport sync() throws InterruptedException {
    return sync(SyncPolicy.refusing());
  }

  private SyncReport sync(SyncPolicy policy) throws InterruptedException {
    return pair(source.runner(), target.runner(), LvmOptions.defaults(), policy)
        .sync(SyncListener.NONE);
  }

  private ReplicationPair pair(
      CommandRunner here, CommandRunner there, LvmOptions options, SyncPolicy policy) {
    return ReplicationPair.builder("dr")
        .source(Filesystem.of(LvmBackend.on(here), from))
        .target(Filesystem.of(LvmBackend.on(there, options), to))
        .policy(policy)
        .build();
  }

  private void assertInSync(SyncReport report) {
    assertEquals(Outcome.SYNCED, report.outcome(), report::toString);
    assertEquals(source.content(from), target.content(to));
    assertEquals(List.of("data", "data.sent-dr"), lvm(source).volumes());
    assertEquals(List.of("copy", "copy.sent-dr"), lvm(target).volumes());
  }

  private static FakeLvm lvm(Site site) {
    return (FakeLvm) site.runner();
  }

  /** Loses the connection to both hosts right after the first command of that kind. */
  private void cutAfter(Predicate<Command> last, LvmOptions options) {
    AtomicBoolean cut = new AtomicBoolean();
    ReplicationPair pair =
        pair(
            new CutRunner(source.runner(), last, cut),
            new CutRunner(target.runner(), last, cut),
            options,
            SyncPolicy.refusing());
    assertThrows(ConnectionLostException.class, () -> pair.sync(SyncListener.NONE));
    assertTrue(cut.get());
  }

  /** Runs commands up to one. */
  private record CutRunner(CommandRunner delegate, Predicate<Command> last, AtomicBoolean cut)
      implements CommandRunner {

    @Override
    public String host() {
      return delegate.host();
    }

    @Override
    public CommandResult run(Command command) throws InterruptedException {
      requireConnected();
      CommandResult result = delegate.run(command);
      cut.compareAndSet(false, last.test(command));
      requireConnected();
      return result;
    }

    @Override
    public RunningCommand start(Command command) throws InterruptedException {
      requireConnected();
      return delegate.start(command);
    }

    private void requireConnected() {
      if (cut.get()) {
        throw new ConnectionLostException("cut", null);
      }
    }

    @Override
    public void close() {}
  }

  private static boolean isMerge(Command command) {
    return command.argv().contains("--merge");
  }

  private static boolean isAdoption(Command command) {
    return command.argv().contains("--type");
  }

  private static boolean isMark(Command command) {
    return command.argv().contains("copy.tosend-dr") && command.argv().contains("lvcreate");
  }

  private static Predicate<Command> isRemovalOf(String path) {
    return command -> command.argv().contains(path) && command.toShellText().contains("lvremove");
  }

  private static boolean isAnnouncement(Command command) {
    return command.argv().stream().anyMatch(word -> word.startsWith("r4j.next="))
        && command.argv().contains("--addtag");
  }

  private static SyncPolicy rollingBack() {
    return SyncPolicy.builder(OnDivergence.ROLL_BACK).build();
  }

  private void assertDiverged(SyncReport report) {
    assertInstanceOf(Conflict.Diverged.class, report.conflict().orElseThrow(), report::toString);
  }

  @Test
  void aDeviceOnTheBaseIsSweptBeforeLvmLosesHoldOfIt() throws InterruptedException {
    lvm(source).leaveDevice("data.sent-dr");
    lvm(target).leaveDevice("copy.sent-dr");
    assertInSync(sync());
  }

  @Test
  void aDeviceOnTheTargetIsSwept() throws InterruptedException {
    lvm(target).leaveDevice("copy");
    assertInSync(sync());
  }

  @Test
  void aTargetThatSomebodyElseHasOpenTooStaysBusy() throws InterruptedException {
    lvm(target).leaveDevice("copy");
    lvm(target).setOpen("copy", true);
    Map<String, String> before = target.content(to);
    assertThrows(BusyException.class, this::sync);
    assertThrows(BusyException.class, this::sync);
    assertEquals(before, target.content(to));
    lvm(target).setOpen("copy", false);
    assertInSync(sync());
  }

  @Test
  void aSnapshotThatWasHalfTakenIsTakenAnew() throws InterruptedException {
    cutAfter(command -> command.toShellText().contains("lvcreate"), LvmOptions.defaults());
    lvm(source).separate("data.tosend-dr");
    assertInSync(sync());
  }

  @Test
  void aMarkThatWasHalfMadeIsMadeAnew() throws InterruptedException {
    cutAfter(LvmRemainsTest::isMark, LvmOptions.defaults());
    lvm(target).separate("copy.tosend-dr");
    assertInSync(sync());
  }

  @Test
  void theMarkOfAWholeVolumeThatWasHalfMadeIsMadeAnew() throws InterruptedException {
    target.destroy(to);
    source.destroy(from);
    source.create(from);
    source.write(from, "file", "three");
    cutAfter(LvmRemainsTest::isMark, LvmOptions.defaults());
    lvm(target).separate("copy.tosend-dr");
    assertInSync(sync());
  }

  @Test
  void aSnapshotThatWasHalfRemovedIsRemoved() throws InterruptedException {
    for (Site site : List.of(target, source)) {
      source.write(from, "file", "three " + site);
      String base = site.name(site == target ? "copy.sent-dr" : "data.sent-dr").value();
      cutAfter(isRemovalOf(base), LvmOptions.defaults());
      lvm(site).createSeparated(base.substring(base.indexOf('/') + 1), "1-half");
      assertInSync(sync());
    }
  }

  @Test
  void theRoomOfTheBaseIsMadeOnceHoweverOftenItIsTried() throws InterruptedException {
    lvm(source).scribble("data", 30);
    cutAfter(command -> command.argv().contains("lvextend"), LvmOptions.defaults());
    long free = lvm(target).free();
    cutAfter(LvmRemainsTest::isAdoption, LvmOptions.defaults());
    assertEquals(free, lvm(target).free());
    assertInSync(sync());
  }

  @Test
  void whatWasWrittenBeforeAMergeCouldBeginIsFoundAndUndone() throws InterruptedException {
    cutAfter(LvmRemainsTest::isAnnouncement, LvmOptions.defaults());
    target.write(to, "own", "change");
    assertDiverged(sync());
    assertInSync(sync(rollingBack()));
  }

  @Test
  void aMergeThatWasCutIsProvenAndCounts() throws InterruptedException {
    cutAfter(LvmRemainsTest::isMerge, LvmOptions.defaults());
    assertInSync(sync());
  }

  @Test
  void whatWasWrittenAfterAMergeThatWasCutIsFoundAndUndone() throws InterruptedException {
    cutAfter(LvmRemainsTest::isMerge, LvmOptions.defaults());
    target.write(to, "own", "change");
    assertDiverged(sync());
    assertInSync(sync(rollingBack()));
  }

  @Test
  void aMergeThatCannotBeProvenDoesNotCount() throws InterruptedException {
    LvmOptions other = LvmOptions.builder().chunkBytes(8192).build();
    cutAfter(LvmRemainsTest::isMerge, other);
    ReplicationPair refusing = pair(source.runner(), target.runner(), other, SyncPolicy.refusing());
    assertDiverged(refusing.sync(SyncListener.NONE));
    ReplicationPair rollingBack = pair(source.runner(), target.runner(), other, rollingBack());
    assertInSync(rollingBack.sync(SyncListener.NONE));
  }
}
