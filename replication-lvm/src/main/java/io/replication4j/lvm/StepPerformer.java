package io.replication4j.lvm;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.DivergedException;
import io.replication4j.Endpoint;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.lvm.Tags.Next;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Does the steps on one host: looks where a step depends on what is there, and checks before. */
final class StepPerformer {

  private final LvmBackend backend;
  private final CommandRunner runner;
  private final Looks looks;
  private final Steps steps;

  StepPerformer(LvmBackend backend, Looks looks, Steps steps) {
    this.backend = backend;
    this.runner = backend.runner();
    this.looks = looks;
    this.steps = steps;
  }

  /** The exact commands of {@link #perform}. */
  List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    Optional<List<Command>> blind = steps.commands(Volume.of(root), step);
    return blind.isPresent()
        ? blind.get()
        : steps.commands(runner.host(), looks.last(root, runner), step);
  }

  /**
   * What takes a snapshot, last; what gives others room was seen by a look after which none was
   * renamed.
   */
  List<Command> create(FilesystemName root, SyncStep.CreateSnapshot step)
      throws InterruptedException {
    List<Command> commands = steps.create(looks.last(root, runner), step);
    return commands.size() == 1 ? commands : steps.create(looks.now(root, runner), step);
  }

  void perform(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    Optional<List<Command>> blind = steps.commands(Volume.of(root), step);
    if (blind.isPresent()) {
      backend.runAllOrFail(blind.get(), through);
      return;
    }
    if (step instanceof SyncStep.CreateSnapshot create) {
      backend.runAllOrFail(create(root, create), through);
      return;
    }
    looks.now(root, through);
    View view = proven(root);
    Optional<Landing> landing = view.landing().filter(l -> step instanceof SyncStep.Prepare);
    if (step instanceof SyncStep.Prepare) {
      requireProven(root, view);
    }
    List<Command> commands = steps.commands(runner.host(), view, step);
    Optional<Volume> closed =
        step instanceof SyncStep.RollBack || step instanceof SyncStep.KeepAside
            ? Optional.of(view.volume())
            : landing.flatMap(l -> l.closed(view.volume()));
    if (closed.isPresent()) {
      requireClosed(root, closed.get(), view, through);
    }
    if (landing.filter(l -> l.stage() == Landing.Stage.MERGING).isPresent()) {
      finishMerge(root, step, through);
    } else {
      backend.runAllOrFail(commands, through);
    }
    looks.forget(root);
  }

  /** Somebody may have written to the volume while nobody looked: what is there must be proven. */
  private void finishMerge(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    backend.runOrFail(LvmCommands.resumeMerge(Volume.of(root)), through);
    looks.now(root, through);
    View view = proven(root);
    requireProven(root, view);
    backend.runAllOrFail(steps.commands(runner.host(), view, step), through);
  }

  private void requireProven(FilesystemName root, View view) {
    if (view.isDisproved()) {
      VersionId base = view.newest().flatMap(LogicalVolume::id).orElseThrow();
      throw diverged(root, base, "while an interrupted sync was merged into it");
    }
  }

  /** The same, after what a killed comparison left on it is gone. */
  private void requireClosed(FilesystemName root, Volume volume, View view, CommandRunner through)
      throws InterruptedException {
    if (isOpen(volume, view)) {
      backend.runOrFail(LvmCommands.sweep(volume), through);
      requireClosed(volume, looks.now(root, through));
    }
  }

  /** The same, where nothing may be changed: what would be swept away is no obstacle. */
  void requireClosedByOthers(View view) throws InterruptedException {
    Volume volume = view.volume();
    if (isOpen(volume, view)
        && backend.runOrFail(LvmCommands.leftOn(volume), runner).output().isBlank()) {
      requireClosed(volume, view);
    }
  }

  private static boolean isOpen(Volume volume, View view) {
    return Stream.concat(view.live().stream(), view.incoming().stream())
        .anyMatch(v -> v.volume().equals(volume) && v.open());
  }

  /** Throws {@link BusyException} if somebody has it open. */
  private void requireClosed(Volume volume, View view) {
    if (isOpen(volume, view)) {
      throw open(volume);
    }
  }

  private BusyException open(Volume volume) {
    return new BusyException(
        volume
            + " on "
            + runner.host()
            + " is open: mounted, used as a device, or written to by a sync that was cut; its"
            + " content cannot be exchanged, nor put in place. Unmount it, or end what uses it"
            + " (lsof, dmsetup ls --tree), and run again",
        null);
  }

  /** The last look, and whether a merge that was cut led to what was received. */
  View proven(FilesystemName root) throws InterruptedException {
    View view = looks.last(root, runner);
    Optional<Landing> unproven = view.landing().filter(Landing::needsProof);
    if (unproven.isPresent() && !Proof.by(backend).holds(view, unproven.get())) {
      looks.disprove(root, view);
      return view.disproved();
    }
    return view;
  }

  /** Makes what was received the volume's content; the last checks first. */
  void finishReceive(FilesystemName root, Send send, CommandRunner through)
      throws InterruptedException {
    MemberSend member = send.members().get(0);
    View view = looks.now(root, through);
    Volume incoming = view.volume().incoming(member.snapshot());
    LogicalVolume received =
        view.incoming(incoming)
            .filter(LogicalVolume::isWhole)
            .orElseThrow(
                () ->
                    new NotFoundException(
                        incoming
                            + " on "
                            + runner.host()
                            + " is not there any more, or not whole, although it was received; run"
                            + " again",
                        null));
    Next next =
        new Next(
            received.id().orElseThrow(), member.snapshot(), Tags.value(received.tags(), "digest"));
    VolumeKind kind = VolumeKind.of(view, backend.options());
    if (member.base().isEmpty()) {
      requireClosed(root, incoming, view, through);
      backend.runAllOrFail(kind.image(next, incoming, received.uuid(), received.tags()), through);
    } else {
      requireClosed(root, view.volume(), view, through);
      LogicalVolume base = requireUntouched(root, view, member.base().get().id());
      backend.runAllOrFail(kind.increment(view, next, received, base), through);
      requireReplaced(root, received, through);
    }
    looks.forget(root);
  }

  /** LVM reports no failure if somebody opened the volume meanwhile: it waits. */
  private void requireReplaced(FilesystemName root, LogicalVolume received, CommandRunner through)
      throws InterruptedException {
    if (received.pool().isPresent()
        && looks.listed(List.of(root), through).get(0).incoming().stream()
            .anyMatch(v -> v.volume().equals(received.volume()))) {
      throw open(Volume.of(root));
    }
  }

  private LogicalVolume requireUntouched(FilesystemName root, View view, VersionId base) {
    return view.version(base)
        .filter(view::holds)
        .orElseThrow(() -> diverged(root, base, "while it was synced to"));
  }

  private DivergedException diverged(FilesystemName root, VersionId base, String when) {
    return new DivergedException(
        new Conflict.Diverged(
            new Endpoint(backend.scheme(), runner.host(), root), "", base, List.of(), when));
  }
}
