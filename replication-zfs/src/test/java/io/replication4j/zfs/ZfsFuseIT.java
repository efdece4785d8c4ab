package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.TargetModifiedException;
import io.replication4j.Version;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.zfs.testing.ZfsFuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every step on a real, old ZFS. */
class ZfsFuseIT {

  private static ZfsFuse fuse;
  private static Path mounted;
  private static LocalCommandRunner runner;
  private static int number;

  private ZfsBackend zfs;
  private FilesystemName source;
  private FilesystemName target;
  private Path files;

  @BeforeAll
  static void start() throws InterruptedException {
    fuse = ZfsFuse.start();
    mounted = fuse.createPool("r4jone", 256);
    fuse.createPool("r4jtwo", 256);
    runner = LocalCommandRunner.create();
  }

  @AfterAll
  static void stop() {
    runner.close();
    fuse.close();
  }

  @BeforeEach
  void createSource() throws InterruptedException {
    number++;
    zfs = ZfsBackend.on(runner);
    source = FilesystemName.of("r4jone/data " + number);
    target = FilesystemName.of("r4jtwo/copies/of " + number + "/data");
    files = mounted.resolve("data " + number);
    ZfsFuse.run("zfs", "create", source.value());
  }

  @Test
  void whatDoesNotExistIsAbsentAndItsPlaceNotPrepared() throws InterruptedException {
    Observation absent = observe(target);
    assertEquals(List.of(), absent.members());
    assertFalse(absent.prepared());
    zfs.perform(target, new SyncStep.Prepare(Side.TARGET), runner);
    zfs.perform(target, new SyncStep.Prepare(Side.TARGET), runner);
    assertTrue(observe(target).prepared());
    assertEquals("no", ZfsFuse.run("zfs", "list", "-H", "-o", "mounted", "r4jtwo/copies").strip());
  }

  @Test
  void aTreeIsReplicatedInFullThenByIncrementsWithNewAndRemovedChildren() throws Exception {
    ZfsFuse.run("zfs", "create", source + "/child one");
    ZfsFuse.run("zfs", "create", source + "/gone");
    write("a", "1");
    write("child one/b", "1");
    snapshot("s1");
    sync("s1", Optional.empty(), false);
    assertEquals(ids(source, "s1"), ids(target, "s1"));
    assertEveryoneIsIdenticalTo("s1");

    destroy(source + "/gone");
    ZfsFuse.run("zfs", "create", source + "/new");
    write("child one/b", "2");
    snapshot("between");
    write("new/c", "1");
    snapshot("s2");
    sync("s2", Optional.of("s1"), false);
    assertEquals(ids(source, "s2"), ids(target, "s2"));
    zfs.perform(target, new SyncStep.DestroyMember("gone", List.of()), runner);
    assertEveryoneIsIdenticalTo("s2");
    assertEquals(List.of("", "child one", "new"), paths(observe(target)));

    write("a", "3");
    snapshot("more");
    snapshot("s3");
    sync("s3", Optional.of("s2"), true);
    assertEquals(ids(source, "more"), ids(target, "more"));
    assertEveryoneIsIdenticalTo("s3");
    assertEquals("on", property(target, "readonly"));
    assertEquals("noauto", property(target, "canmount"));
    assertEquals("no", property(target, "mounted"));
  }

  @Test
  void aWriteShowsAtOnceWhenAskedToFlush() throws Exception {
    snapshot("s1");
    snapshot("s2");
    assertEquals(LiveState.Kind.IDENTICAL, root(source).live().kind());
    write("a", "1");
    assertEquals(LiveState.Kind.CHANGED, root(source).live().kind());
  }

  @Test
  void aModifiedTargetIsRefusedThenRolledBack() throws Exception {
    write("a", "1");
    snapshot("s1");
    sync("s1", Optional.empty(), false);
    modifyTarget();
    assertEquals(LiveState.Kind.CHANGED, root(target).live().kind());
    write("a", "2");
    snapshot("s2");
    assertThrows(TargetModifiedException.class, () -> sync("s2", Optional.of("s1"), false));
    Version base = version(target, "s1");
    zfs.perform(target, new SyncStep.RollBack("", "s1", base.id(), List.of()), runner);
    sync("s2", Optional.of("s1"), false);
    assertEveryoneIsIdenticalTo("s2");
  }

  @Test
  void aModifiedTargetIsKeptAsideAndItsChildrenStay() throws Exception {
    ZfsFuse.run("zfs", "create", source + "/child");
    write("a", "1");
    snapshot("s1");
    sync("s1", Optional.empty(), false);
    modifyTarget();
    Version base = version(target, "s1");
    zfs.perform(
        target,
        new SyncStep.KeepAside("", "aside1", Optional.of(new Base("", "s1", base.id(), false))),
        runner);
    assertEquals(base.id(), version(target, "aside1").id());
    assertEquals(List.of("", "child"), paths(observe(target)));
    assertEquals(LiveState.Kind.IDENTICAL, root(target).live().kind());
    write("a", "2");
    snapshot("s2");
    Snapshot from = (Snapshot) version(source, "s1");
    MemberSend member =
        new MemberSend(
            "", "s2", Optional.empty(), Optional.of(new Base("", "s1", from.id(), false)));
    transfer(new Send(List.of(member), false, false, Optional.empty()));
    assertEquals(version(source, "s2").id(), version(target, "s2").id());
    assertTrue(property(FilesystemName.of(target + "-aside1"), "origin").startsWith(target + "@"));
  }

  @Test
  void snapshotsAreRenamedHeldReleasedAndDestroyedAsATree() throws Exception {
    ZfsFuse.run("zfs", "create", source + "/child");
    snapshot("tosend");
    List<String> members = List.of("", "child");
    zfs.perform(
        source, new SyncStep.RenameSnapshot(Side.SOURCE, "tosend", "sent", members, true), runner);
    zfs.perform(source, new SyncStep.Hold(Side.SOURCE, "sent", "mine", members, true), runner);
    SyncStep destroy = new SyncStep.DestroySnapshot(Side.SOURCE, "sent", members, true, List.of());
    assertThrows(io.replication4j.BusyException.class, () -> zfs.perform(source, destroy, runner));
    zfs.perform(source, new SyncStep.Release(Side.SOURCE, "sent", "mine", members, true), runner);
    zfs.perform(source, destroy, runner);
    assertEquals(List.of(), root(source).versions());
    assertThrows(NotFoundException.class, () -> zfs.perform(source, destroy, runner));
  }

  @Test
  void stepsForSingleMembersTouchOnlyThose() throws Exception {
    ZfsFuse.run("zfs", "create", source + "/a b");
    ZfsFuse.run("zfs", "create", source + "/c");
    List<String> some = List.of("a b", "c");
    zfs.perform(source, new SyncStep.CreateSnapshot(Side.SOURCE, "x", some, false), runner);
    zfs.perform(source, new SyncStep.RenameSnapshot(Side.SOURCE, "x", "y", some, true), runner);
    zfs.perform(
        source,
        new SyncStep.DestroySnapshot(Side.SOURCE, "y", List.of("c"), true, List.of()),
        runner);
    assertEquals(List.of(), root(source).versions());
    assertEquals(1, observe(source).member("a b").orElseThrow().versions().size());
    assertEquals(0, observe(source).member("c").orElseThrow().versions().size());
  }

  @Test
  void aRenamedChildIsRenamedOnTheTargetAndGoesOnFromItsBase() throws Exception {
    ZfsFuse.run("zfs", "create", source + "/old");
    write("old/f", "1");
    // zfs-fuse may call a dataset that it has just unmounted for a rename busy for minutes
    ZfsFuse.run("zfs", "unmount", source + "/old");
    snapshot("s1");
    sync("s1", Optional.empty(), false);
    ZfsFuse.runPatiently("zfs", "rename", source + "/old", source + "/new");
    Version old = version(target.child("old"), "s1");
    zfs.perform(target, new SyncStep.RenameMember("old", "new", old.id()), runner);
    snapshot("s2");
    sync("s2", Optional.of("s1"), false);
    assertEveryoneIsIdenticalTo("s2");
    assertEquals(List.of("", "new"), paths(observe(target)));
  }

  @Test
  void aRecordIsTheDatasetsOwnAndNeitherInheritedNorReceived() throws Exception {
    ZfsFuse.run("zfs", "create", source + "/child");
    run(zfs.record(source, "Pair_1", "{\"filesystemId\":\"x\",\"q\":\"it's\"}").get(0));
    snapshot("s1");
    sync("s1", Optional.empty(), false);
    assertEquals("{\"filesystemId\":\"x\",\"q\":\"it's\"}", observe(source).states().get("Pair_1"));
    assertEquals(0, observe(source.child("child")).states().size());
    assertEquals(0, observe(target).states().size());
    run(zfs.record(target, "Pair_1", "mine").get(0));
    assertEquals("mine", observe(target).states().get("Pair_1"));
  }

  @Test
  void readingChangesAFilesystemUnlessItIsReadOnly() throws Exception {
    ZfsFuse.run("zfs", "set", "atime=on", source.value());
    write("f", "1");
    snapshot("s1");
    Files.readString(files.resolve("f"));
    assertFalse(root(source).live().isIdenticalTo(version(source, "s1").id()));
    snapshot("s2");
    assertEquals(Map.of("readonly", "on"), zfs.replicaProperties(source, true));
    zfs.perform(source, new SyncStep.SetProperty(Side.TARGET, "", "readonly", "on"), runner);
    Files.readString(files.resolve("f"));
    assertTrue(root(source).live().isIdenticalTo(version(source, "s2").id()));
  }

  @Test
  void aSendThatIsEndedInTheMiddleLetsGoOfWhatItSends() throws Exception {
    ZfsFuse.run("zfs", "create", source + "/child");
    byte[] noise = new byte[20 << 20];
    new Random(1).nextBytes(noise);
    Files.write(files.resolve("noise"), noise);
    snapshot("s1");
    List<String> members = List.of("", "child");
    List<MemberSend> whole =
        members.stream()
            .map(path -> new MemberSend(path, "s1", Optional.empty(), Optional.empty()))
            .toList();
    Send tree = new Send(whole, true, false, Optional.empty());
    try (RunningCommand sending = runner.start(zfs.send(source, tree))) {
      assertEquals(1 << 20, sending.stdout().readNBytes(1 << 20).length);
    }
    zfs.perform(
        source, new SyncStep.DestroySnapshot(Side.SOURCE, "s1", members, true, List.of()), runner);
    assertEquals(List.of(), root(source).versions());
  }

  // ------------------------------------------------------------------ helpers

  private static void destroy(String dataset) throws InterruptedException {
    ZfsFuse.runPatiently("zfs", "destroy", "-r", dataset);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(files.resolve(file), text.repeat(5000));
  }

  private void modifyTarget() throws Exception {
    Path where = mounted.resolveSibling("target " + number);
    ZfsFuse.run("zfs", "set", "readonly=off", target.value());
    ZfsFuse.run("zfs", "set", "mountpoint=" + where, target.value());
    ZfsFuse.run("zfs", "mount", target.value());
    Files.writeString(where.resolve("mine"), "written on the target");
    ZfsFuse.run("zfs", "set", "mountpoint=none", target.value());
    ZfsFuse.run("zfs", "set", "readonly=on", target.value());
  }

  private static String property(FilesystemName dataset, String property)
      throws InterruptedException {
    return ZfsFuse.run("zfs", "get", "-H", "-o", "value", property, dataset.value()).strip();
  }

  private Observation observe(FilesystemName root) throws InterruptedException {
    return zfs.observe(List.of(new ObserveRequest(root, true, true, Set.of("Pair_1")))).get(0);
  }

  private ObservedFilesystem root(FilesystemName root) throws InterruptedException {
    return observe(root).member("").orElseThrow();
  }

  private static List<String> paths(Observation observation) {
    return observation.members().stream().map(ObservedFilesystem::path).toList();
  }

  private Version version(FilesystemName root, String name) throws InterruptedException {
    return root(root).versions().stream()
        .filter(v -> v.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private List<String> ids(FilesystemName root, String name) throws InterruptedException {
    return observe(root).members().stream()
        .flatMap(
            m ->
                m.versions().stream()
                    .filter(v -> v.name().equals(name))
                    .map(v -> m.path() + v.id()))
        .toList();
  }

  private void assertEveryoneIsIdenticalTo(String name) throws InterruptedException {
    for (ObservedFilesystem member : observe(target).members()) {
      Version newest = member.versions().get(member.versions().size() - 1);
      assertEquals(name, newest.name(), member.toString());
      assertTrue(member.live().isIdenticalTo(newest.id()), member.toString());
    }
  }

  private void snapshot(String name) throws InterruptedException {
    List<String> members = paths(observe(source));
    zfs.perform(source, new SyncStep.CreateSnapshot(Side.SOURCE, name, members, true), runner);
  }

  private void sync(String name, Optional<String> from, boolean intermediates) throws Exception {
    Observation there = observe(target);
    List<MemberSend> members = new ArrayList<>();
    for (ObservedFilesystem member : observe(source).members()) {
      Optional<Base> base =
          there
              .member(member.path())
              .flatMap(
                  m ->
                      member.versions().stream()
                          .filter(v -> v.name().equals(from.orElse("?")))
                          .findFirst())
              .map(v -> new Base(member.path(), v.name(), v.id(), false));
      members.add(new MemberSend(member.path(), name, Optional.empty(), base));
    }
    if (!there.prepared()) {
      zfs.perform(target, new SyncStep.Prepare(Side.TARGET), runner);
    }
    List<Send> streams = zfs.streams(observe(source), there, members, intermediates);
    assertEquals(1, streams.size(), streams.toString());
    transfer(streams.get(0));
  }

  private void transfer(Send send) throws Exception {
    Command receive = zfs.receive(target, send);
    try (RunningCommand from = runner.start(zfs.send(source, send));
        RunningCommand to = runner.start(receive)) {
      from.stdin().close();
      try {
        from.stdout().transferTo(to.stdin());
      } catch (IOException e) {
        // the receiver ended early, and says why
      }
      try {
        to.stdin().close();
      } catch (IOException e) {
        // likewise
      }
      int status = to.waitFor();
      if (status != 0) {
        throw zfs.failure(receive, new CommandResult(status, "", to.errorTail(), Duration.ZERO));
      }
    }
    for (Command command : zfs.afterReceive(target, send)) {
      run(command);
    }
  }

  private void run(Command command) throws InterruptedException {
    zfs.runOrFail(command, runner);
  }
}
