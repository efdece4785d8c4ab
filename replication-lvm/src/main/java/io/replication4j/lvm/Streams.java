package io.replication4j.lvm;

import io.replication4j.AlreadyExistsException;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.spi.DifferingBlocks;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Sends the versions of a host's volumes, and receives them beside the volumes they are for. */
final class Streams {

  private final LvmBackend backend;
  private final CommandRunner runner;
  private final LvmOptions options;
  private final Looks looks;

  Streams(LvmBackend backend, Looks looks) {
    this.backend = backend;
    this.runner = backend.runner();
    this.options = backend.options();
    this.looks = looks;
  }

  List<Send> arrange(Observation target, List<MemberSend> members) {
    return members.stream()
        .map(member -> new Send(List.of(member), false, false, token(target, member)))
        .toList();
  }

  private static Optional<String> token(Observation target, MemberSend member) {
    return target
        .member(member.path())
        .flatMap(ObservedFilesystem::partial)
        .flatMap(partial -> EarlierList.token(partial, member.id()));
  }

  Command send(FilesystemName root, Send send) throws InterruptedException {
    Volume volume = Volume.of(root);
    MemberSend member = send.members().get(0);
    return kind(root)
        .send(
            volume.snapshot(member.snapshot()),
            member
                .base()
                .filter(base -> !member.compared())
                .map(base -> volume.snapshot(base.name())));
  }

  RunningCommand startSend(FilesystemName root, Send send, Command sending, LongConsumer length)
      throws InterruptedException {
    return start(sender(root, send), sending, length);
  }

  private RunningCommand start(StreamSender sender, Command sending, LongConsumer length)
      throws InterruptedException {
    return Translation.sending(
        runner.start(sending), (host, stream) -> sender.send(host, stream, length));
  }

  /** Of a whole classic volume: nothing lists what of it is not zero. */
  Optional<Long> estimate(FilesystemName root, Send send) throws InterruptedException {
    MemberSend member = send.members().get(0);
    View view = looks.last(root, runner);
    CowGeometry geometry = OccupiedChunks.GEOMETRY;
    return view.live()
        .filter(live -> live.pool().isEmpty() && member.base().isEmpty())
        .map(live -> geometry.streamBytes(geometry.chunksOf(live.bytes())));
  }

  DifferingBlocks differing(FilesystemName root, Send send, Command sending) {
    Volume snapshot = Volume.of(root).snapshot(send.members().get(0).snapshot());
    return new DifferingBlocks() {

      private final ChunkSet.Builder chunks = ChunkSet.builder();
      private final ComparedSnapshot compared = new ComparedSnapshot(backend, snapshot);

      @Override
      public void watch(CommandRunner through) {
        try {
          if (!looks.last(root, runner).isThin()) {
            compared.watch(through);
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }

      @Override
      public void add(long offset, long length) {
        Changes.add(chunks, ComparedChanges.GEOMETRY, offset, offset + length);
      }

      @Override
      public RunningCommand startSend(LongConsumer length) throws InterruptedException {
        VersionId base = send.members().get(0).base().orElseThrow().id();
        ChunkSet differing = chunks.build();
        return start(
            sender(root, send).with(all -> new ComparedChanges(base, differing, all)),
            sending,
            length);
      }
    };
  }

  private StreamSender sender(FilesystemName root, Send send) throws InterruptedException {
    MemberSend member = send.members().get(0);
    View view = looks.listed(List.of(root), runner).get(0);
    Volume snapshot = view.volume().snapshot(member.snapshot());
    LogicalVolume sent = requireVersion(view, snapshot, member.id());
    Optional<LogicalVolume> base =
        member
            .base()
            .filter(from -> !member.compared())
            .map(
                from ->
                    requireVersion(
                        view, view.volume().snapshot(from.name()), Optional.of(from.id())));
    base.ifPresent(from -> requireNotShrunk(sent, from));
    Changes changes = VolumeKind.of(view, options).changes(sent, base);
    return new StreamSender(
        snapshot,
        sent.id().orElseThrow(),
        sent.length(),
        EarlierList.of(send)
            .filter(list -> changes.base().equals(Optional.of(list.base())))
            .map(list -> changes.first(list.chunks()))
            .orElse(changes));
  }

  private void requireNotShrunk(LogicalVolume sent, LogicalVolume base) {
    if (sent.length() < base.length()) {
      throw StreamReceiver.shrunk(
          sent.volume() + " on " + runner.host(), sent.length(), "its base", base.length());
    }
  }

  private LogicalVolume requireVersion(View view, Volume snapshot, Optional<VersionId> expected) {
    return view.versions().stream()
        .filter(v -> v.volume().equals(snapshot))
        .filter(v -> expected.isEmpty() || v.id().equals(expected))
        .findFirst()
        .orElseThrow(
            () ->
                new NotFoundException(
                    snapshot
                        + " on "
                        + runner.host()
                        + " is not there any more, or overflowed; nothing was sent. Plan again",
                    null));
  }

  Command receive(FilesystemName root, Send send) throws InterruptedException {
    return kind(root).receive(incoming(root, send));
  }

  private static Volume incoming(FilesystemName root, Send send) {
    return Volume.of(root).incoming(send.members().get(0).snapshot());
  }

  RunningCommand startReceive(FilesystemName root, Send send, Command receiving, LongConsumer found)
      throws InterruptedException {
    View view = looks.last(root, runner);
    requireReceivable(view, send.members().get(0).base());
    VolumeKind kind = VolumeKind.of(view, options);
    Volume incoming = incoming(root, send);
    Optional<Kept> kept =
        view.kept()
            .filter(v -> v.volume().equals(incoming) && kind.keeps(v))
            .map(v -> new Kept(backend, v, found));
    StreamReceiver receiver =
        new StreamReceiver(
            root + " on " + runner.host(),
            view.live().map(LogicalVolume::bytes),
            kind.arrival(incoming, kept));
    return Translation.receiving(
        runner.start(receiving), receiver::receive, () -> kept.ifPresent(Kept::close));
  }

  private void requireReceivable(View view, Optional<Base> base) {
    if (base.isEmpty() && view.live().isPresent()) {
      throw new AlreadyExistsException(
          view.volume()
              + " on "
              + runner.host()
              + " exists: a whole volume is only received where none stands; nothing was sent."
              + " Rename it (lvrename), or plan again",
          null);
    }
    if (base.isPresent() && view.version(base.get().id()).isEmpty()) {
      throw new NotFoundException(
          view.volume()
              + " on "
              + runner.host()
              + " does not hold the base "
              + base.get().id()
              + "; nothing was sent. Plan again",
          null);
    }
  }

  List<Command> afterReceive(FilesystemName root, Send send) throws InterruptedException {
    return kind(root).planned(looks.last(root, runner), send);
  }

  private VolumeKind kind(FilesystemName root) throws InterruptedException {
    return VolumeKind.of(looks.last(root, runner), options);
  }
}
