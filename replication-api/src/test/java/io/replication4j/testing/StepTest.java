package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.FilesystemName;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.RunningCommand;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/** A test that speaks to both backends directly, step by step, as the executor does. */
abstract class StepTest extends WorldTest {

  static final String ODD_PAIR = "Q_odd.name-2:x";
  private static final Set<String> PAIRS = Set.of("p", ODD_PAIR);

  FaultScript script;
  Host here;
  Host there;
  FilesystemName from;
  FilesystemName to;

  @BeforeEach
  final void connect() {
    script = FaultScript.of();
    here = new Host(source(), script);
    there = new Host(target(), script);
    from = source().name("data");
    to = target().name("copy");
  }

  final boolean separate() {
    return there.backend.features().separateCopies();
  }

  final boolean independent() {
    return there.backend.features().independentChildren();
  }

  final void createTree(String... paths) {
    if (!List.of(paths).equals(List.of(""))) {
      assumeChildren();
    }
    Arrays.stream(paths).forEach(path -> source().create(from.child(path)));
  }

  /** Takes and sends {@code s1} of these members. */
  final void firstRound(String... members) throws InterruptedException {
    here.snapshot("s1", members);
    replicate("s1");
  }

  /** Makes what was received the live data, where that takes a step. */
  final void installed(String snapshot, String... members) throws InterruptedException {
    if (separate()) {
      there.perform(new SyncStep.InstallCopy(snapshot, List.of(members), Optional.empty()));
    }
  }

  /**
   * Sends {@code snapshot} of every member that has it, each from {@code bases} if the target has
   * one.
   */
  final List<Send> replicate(String snapshot, String... bases) throws InterruptedException {
    return replicate(snapshot, false, bases);
  }

  final List<Send> replicate(String snapshot, boolean intermediates, String... bases)
      throws InterruptedException {
    List<MemberSend> members = new ArrayList<>();
    for (String path : here.having(from, snapshot)) {
      members.add(member(snapshot, path, here.look(from), there.look(to), List.of(bases)));
    }
    return sendAll(members, intermediates);
  }

  final List<Send> sendAll(List<MemberSend> members, boolean intermediates)
      throws InterruptedException {
    there.prepare(to);
    List<Send> sends =
        here.backend.streams(here.look(from), there.look(to), members, intermediates);
    for (Send send : sends) {
      transfer(send);
    }
    return sends;
  }

  private MemberSend member(
      String snapshot, String path, Observation source, Observation target, List<String> bases) {
    List<Version> versions = source.member(path).orElseThrow().versions();
    Optional<Base> base =
        versions.stream()
            .filter(v -> bases.contains(v.name()) && holds(target, v.id()))
            .map(v -> new Base(v.filesystem().pathFrom(from), v.name(), v.id(), false))
            .findFirst();
    VersionId id =
        versions.stream().filter(v -> v.name().equals(snapshot)).findFirst().orElseThrow().id();
    return new MemberSend(path, snapshot, Optional.of(id), base);
  }

  private static boolean holds(Observation target, VersionId id) {
    return target.members().stream()
        .flatMap(m -> m.versions().stream())
        .anyMatch(v -> v.id().equals(id));
  }

  final MemberSend member(String snapshot, String path) throws InterruptedException {
    return new MemberSend(
        path, snapshot, Optional.of(here.id(from, path, snapshot)), Optional.empty());
  }

  final MemberSend member(String snapshot, String base, String path) throws InterruptedException {
    return new MemberSend(
        path,
        snapshot,
        Optional.of(here.id(from, path, snapshot)),
        Optional.of(new Base(path, base, here.id(from, path, base), false)));
  }

  final Send fullSend(String snapshot, String path) {
    return new Send(
        List.of(new MemberSend(path, snapshot, Optional.empty(), Optional.empty())),
        false,
        false,
        Optional.empty());
  }

  /** One stream, through this JVM; the exception is that of the side that failed. */
  final void transfer(Send send) throws InterruptedException {
    there.prepare(to);
    transfer(send, Long.MAX_VALUE);
    there.backend.finishReceive(to, send, there.backend.runner());
  }

  /** The first stream of that snapshot, killed half way. */
  final void cut(String snapshot, String... bases) throws InterruptedException {
    there.prepare(to);
    Observation source = here.look(from);
    Observation target = there.look(to);
    List<MemberSend> members = new ArrayList<>();
    for (String path : here.having(from, snapshot)) {
      members.add(member(snapshot, path, source, target, List.of(bases)));
    }
    Send first = here.backend.streams(source, target, members, false).get(0);
    transfer(first, streamLength(first) / 2);
  }

  private long streamLength(Send send) throws InterruptedException {
    try (RunningCommand sender =
        here.backend.startSend(from, send, here.backend.send(from, send), length -> {})) {
      return sender.stdout().readAllBytes().length;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void transfer(Send send, long atMost) throws InterruptedException {
    Command sending = here.backend.send(from, send);
    Command receiving = there.backend.receive(to, send);
    try (RunningCommand receiver = there.backend.startReceive(to, send, receiving, found -> {});
        RunningCommand sender = here.backend.startSend(from, send, sending, length -> {})) {
      long moved = move(sender, receiver, atMost);
      if (moved < atMost) {
        requireSuccess(
            there.backend, receiving, receiver, Optional.of(sender).filter(s -> moved == 0));
        requireSuccess(here.backend, sending, sender, Optional.empty());
      }
    }
  }

  private static long move(RunningCommand sender, RunningCommand receiver, long atMost) {
    long moved = 0;
    byte[] buffer = new byte[64 << 10];
    try {
      while (moved < atMost) {
        int n = sender.stdout().read(buffer, 0, (int) Math.min(buffer.length, atMost - moved));
        if (n < 0) {
          receiver.stdin().close();
          return moved;
        }
        receiver.stdin().write(buffer, 0, n);
        moved += n;
      }
      receiver.stdin().flush();
    } catch (IOException e) {
      sender.close(); // the receiver has ended: its status says why
    }
    return moved;
  }

  private void requireSuccess(
      StorageBackend backend,
      Command command,
      RunningCommand running,
      Optional<RunningCommand> instead)
      throws InterruptedException {
    int status = running.waitFor();
    if (status != 0 && instead.map(StepTest::failed).orElse(false)) {
      return; // the other side says why nothing came
    }
    if (status != 0) {
      throw backend.failure(
          command, new CommandResult(status, "", running.errorTail(), Duration.ZERO));
    }
  }

  private static boolean failed(RunningCommand command) {
    try {
      return command.waitFor() != 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The target has {@code snapshot} of exactly these members, with identities and files of the
   * source.
   */
  final void assertReplica(String snapshot, String... members) throws InterruptedException {
    assertEquals(List.of(members), there.having(to, snapshot));
    for (String path : members) {
      assertEquals(here.id(from, path, snapshot), there.id(to, path, snapshot));
      assertEquals(
          source().content(from, path, snapshot), target().content(to, path, snapshot), path);
    }
  }

  /** One side: its backend, and short words for what a test asks of it. */
  final class Host {

    final StorageBackend backend;
    private final Site site;
    private final FaultScript log;

    Host(Site site, FaultScript log) {
      this.site = site;
      this.log = log;
      this.backend = backend(site, log);
    }

    private FilesystemName root() {
      return backend.runner().host().equals(source().runner().host()) ? from : to;
    }

    List<Observation> look(List<FilesystemName> roots) throws InterruptedException {
      return backend.observe(
          roots.stream().map(root -> new ObserveRequest(root, true, true, PAIRS)).toList());
    }

    Observation look(FilesystemName root) throws InterruptedException {
      return look(List.of(root)).get(0);
    }

    Observation lookAlone(FilesystemName root) throws InterruptedException {
      return backend.observe(List.of(new ObserveRequest(root, false, true, PAIRS))).get(0);
    }

    List<String> paths(FilesystemName root) throws InterruptedException {
      return look(root).members().stream().map(ObservedFilesystem::path).toList();
    }

    LiveState live(FilesystemName root, String path) throws InterruptedException {
      return look(root).member(path).orElseThrow().live();
    }

    /** The members that have a snapshot of that name. */
    List<String> having(FilesystemName root, String snapshot) throws InterruptedException {
      return look(root).members().stream()
          .filter(m -> m.versions().stream().anyMatch(v -> v.name().equals(snapshot)))
          .map(ObservedFilesystem::path)
          .toList();
    }

    VersionId id(FilesystemName root, String path, String snapshot) throws InterruptedException {
      return look(root).member(path).orElseThrow().versions().stream()
          .filter(v -> v.name().equals(snapshot))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + snapshot + " of " + path + " at " + root))
          .id();
    }

    void prepare(FilesystemName root) throws InterruptedException {
      if (!look(root).prepared()) {
        backend.perform(root, new SyncStep.Prepare(Side.SOURCE), backend.runner());
      }
    }

    void snapshot(String name, String... members) throws InterruptedException {
      prepare(root());
      perform(new SyncStep.CreateSnapshot(Side.SOURCE, name, List.of(members), members.length > 1));
    }

    SyncStep destruction(String name, boolean recursive, String... members)
        throws InterruptedException {
      List<VersionId> ids = new ArrayList<>();
      for (String member : members) {
        ids.add(id(root(), member, name));
      }
      return new SyncStep.DestroySnapshot(Side.SOURCE, name, List.of(members), recursive, ids);
    }

    int count(SyncStep step) throws InterruptedException {
      return backend.commands(root(), step).size();
    }

    /**
     * Performs the step, and sees to it that what runs is what would have been printed. It may look
     * in between, and clean up after itself if it fails.
     */
    void perform(SyncStep step) throws InterruptedException {
      List<String> printed =
          backend.commands(root(), step).stream()
              .filter(c -> !site.isListing(c))
              .map(Command::toShellText)
              .toList();
      int before = log.log().size();
      try {
        backend.perform(root(), step, backend.runner());
        if (!(step instanceof SyncStep.CheckUnmodified check
            && check.asideName().isPresent())) { // depends on what it finds
          assertEquals(printed, ranSince(before));
        }
      } catch (ReplicationException e) {
        List<String> ran = ranSince(before);
        assertEquals(
            printed.stream().limit(Math.min(1, ran.size())).toList(),
            ran.stream().limit(1).toList());
        throw e;
      }
    }

    private List<String> ranSince(int before) {
      return log.log().since(before).stream()
          .filter(e -> !site.isListing(e.command()))
          .map(CommandLog.Entry::text)
          .toList();
    }
  }
}
