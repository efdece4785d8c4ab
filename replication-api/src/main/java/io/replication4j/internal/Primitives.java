package io.replication4j.internal;

import io.replication4j.Bookmark;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NotFoundException;
import io.replication4j.Quiesce;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.StalePlanException;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.UnsupportedException;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.StorageBackend;
import io.replication4j.spi.StorageBackend.RootedStep;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps of a plan, one at a time, for one filesystem. */
public final class Primitives {

  private static final List<String> SELF = List.of("");

  private final Filesystem filesystem;
  private final StorageBackend backend;

  public Primitives(Filesystem filesystem) {
    this.filesystem = filesystem;
    this.backend = filesystem.backend();
  }

  public boolean exists() throws InterruptedException {
    return look(false).member("").filter(m -> m.live().kind() != LiveState.Kind.ABSENT).isPresent();
  }

  public List<FilesystemName> tree() throws InterruptedException {
    return look(true).members().stream()
        .filter(m -> m.live().kind() != LiveState.Kind.ABSENT)
        .map(m -> filesystem.name().child(m.path()))
        .toList();
  }

  public List<Version> versions() throws InterruptedException {
    return self().versions();
  }

  public Snapshot snapshot(String name) throws InterruptedException {
    return PairView.snapshot(self(), name)
        .orElseThrow(
            () -> new NotFoundException(filesystem + " has no snapshot named " + name, null));
  }

  public Snapshot createSnapshot(String name) throws InterruptedException {
    prepare();
    run(new SyncStep.CreateSnapshot(Side.SOURCE, name, SELF, false));
    return snapshot(name);
  }

  public List<Snapshot> createTreeSnapshot(String name) throws InterruptedException {
    prepare();
    List<String> members =
        look(true).members().stream()
            .filter(m -> m.live().kind() != LiveState.Kind.ABSENT)
            .map(ObservedFilesystem::path)
            .toList();
    run(new SyncStep.CreateSnapshot(Side.SOURCE, name, members, true));
    return look(true).members().stream()
        .flatMap(member -> PairView.snapshot(member, name).stream())
        .toList();
  }

  public static List<Snapshot> createGroupSnapshot(
      List<Filesystem> filesystems, String name, Quiesce quiesce) throws InterruptedException {
    Map<StorageBackend, List<RootedStep>> byBackend = new IdentityHashMap<>();
    for (Filesystem filesystem : filesystems) {
      new Primitives(filesystem).prepare();
      byBackend
          .computeIfAbsent(filesystem.backend(), b -> new ArrayList<>())
          .add(
              new RootedStep(
                  filesystem.name(), new SyncStep.CreateSnapshot(Side.SOURCE, name, SELF, false)));
    }
    quiesce.pause();
    try {
      for (Map.Entry<StorageBackend, List<RootedStep>> entry : byBackend.entrySet()) {
        StorageBackend backend = entry.getKey();
        backend.runAllOrFail(backend.groupSnapshot(entry.getValue()), backend.runner());
      }
    } finally {
      quiesce.resume();
    }
    List<Snapshot> taken = new ArrayList<>();
    for (Filesystem filesystem : filesystems) {
      taken.add(filesystem.snapshot(name));
    }
    return taken;
  }

  public Snapshot rename(Snapshot snapshot, String name) throws InterruptedException {
    requireCurrent(snapshot);
    run(new SyncStep.RenameSnapshot(Side.SOURCE, snapshot.name(), name, SELF, false));
    return snapshot(name);
  }

  public void destroy(Snapshot snapshot) throws InterruptedException {
    requireCurrent(snapshot);
    run(
        new SyncStep.DestroySnapshot(
            Side.SOURCE, snapshot.name(), SELF, false, List.of(snapshot.id())));
  }

  public void hold(Snapshot snapshot, String tag) throws InterruptedException {
    requireCurrent(snapshot);
    run(new SyncStep.Hold(Side.SOURCE, snapshot.name(), tag, SELF, false));
  }

  public void release(Snapshot snapshot, String tag) throws InterruptedException {
    requireCurrent(snapshot);
    run(new SyncStep.Release(Side.SOURCE, snapshot.name(), tag, SELF, false));
  }

  public Bookmark bookmark(Snapshot snapshot, String name) throws InterruptedException {
    requireCurrent(snapshot);
    run(new SyncStep.CreateBookmark(Side.SOURCE, "", snapshot.name(), name));
    return versions().stream()
        .filter(v -> v instanceof Bookmark && v.name().equals(name))
        .map(Bookmark.class::cast)
        .findFirst()
        .orElseThrow(
            () -> new NotFoundException(filesystem + " has no bookmark named " + name, null));
  }

  public void rollBack(Snapshot snapshot) throws InterruptedException {
    requireCurrent(snapshot);
    List<VersionId> newer = PairView.after(self(), snapshot.id());
    run(new SyncStep.RollBack("", snapshot.name(), snapshot.id(), newer));
  }

  public Optional<String> property(String property) throws InterruptedException {
    return backend.property(filesystem.name(), property);
  }

  public void setProperty(String property, String value) throws InterruptedException {
    run(new SyncStep.SetProperty(Side.SOURCE, "", property, value));
  }

  public Snapshot send(
      Snapshot snapshot,
      Optional<Version> base,
      boolean intermediates,
      Filesystem target,
      SyncPolicy limits,
      SyncListener listener)
      throws InterruptedException {
    requireSameFormat(target);
    requireCurrent(snapshot);
    Primitives there = new Primitives(target);
    there.prepare();
    MemberSend member =
        new MemberSend(
            "",
            snapshot.name(),
            Optional.of(snapshot.id()),
            base.map(b -> new Base("", b.name(), b.id(), b instanceof Bookmark)));
    SyncStep.Send send = new SyncStep.Send(List.of(member), false, intermediates, Optional.empty());
    Command sending = backend.send(filesystem.name(), send, target.backend());
    Command receiving = target.backend().receive(target.name(), send);
    StreamProgress progress =
        new StreamProgress(filesystem.name().value(), listener, backend, filesystem.name(), send);
    new StreamTransfer(
            () -> backend.startSend(filesystem.name(), send, sending, progress::length),
            backend,
            sending,
            found -> target.backend().startReceive(target.name(), send, receiving, found),
            target.backend(),
            receiving,
            target.backend().flush(target.name()),
            limits.stallTimeout(),
            limits.bytesPerSecond(),
            progress)
        .run();
    target.backend().finishReceive(target.name(), send, target.backend().runner());
    return there.received(snapshot);
  }

  private void requireSameFormat(Filesystem target) {
    backend.requireSource(filesystem.name());
    if (!backend.streamFormat().equals(target.backend().streamFormat())) {
      throw new UnsupportedException(
          target + " cannot take a stream of " + filesystem + "; nothing was sent", null);
    }
  }

  private Snapshot received(Snapshot sent) throws InterruptedException {
    return PairView.snapshot(self(), sent.id())
        .orElseThrow(
            () ->
                new IncompleteTransferException(
                    filesystem
                        + " does not hold "
                        + sent
                        + ", although both commands of its"
                        + " transfer succeeded; send it again",
                    null));
  }

  private void prepare() throws InterruptedException {
    if (!look(false).prepared()) {
      run(new SyncStep.Prepare(Side.SOURCE));
    }
  }

  private void run(SyncStep step) throws InterruptedException {
    backend.perform(filesystem.name(), step, backend.runner());
  }

  /** The label still belongs to that identity. */
  private void requireCurrent(Snapshot snapshot) throws InterruptedException {
    boolean current =
        PairView.snapshot(self(), snapshot.name())
            .filter(s -> s.id().equals(snapshot.id()))
            .isPresent();
    if (!current) {
      throw new StalePlanException(
          filesystem
              + " has no "
              + snapshot.name()
              + " with identity "
              + snapshot.id()
              + " any more; nothing was run. List its snapshots again");
    }
  }

  private ObservedFilesystem self() throws InterruptedException {
    return look(false)
        .member("")
        .orElseThrow(
            () ->
                new NotFoundException(
                    filesystem
                        + " does not exist; check the name, and whether its storage is"
                        + " imported or mounted",
                    null));
  }

  private Observation look(boolean recursive) throws InterruptedException {
    return backend.observe(List.of(ObserveRequest.versions(filesystem.name(), recursive))).get(0);
  }
}
