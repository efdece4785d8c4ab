package io.replication4j.lvm;

import static java.util.Objects.requireNonNull;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.DivergedException;
import io.replication4j.Endpoint;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.ReplicationException;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.StreamSender.BaseSnapshot;
import io.replication4j.lvm.Tags.Next;
import io.replication4j.lvm.Tags.Stored;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * LVM on one host. A filesystem is a classic (not thin) logical volume, named {@code GROUP/VOLUME};
 * it has no members below it. What is in it does not matter: it is replicated block by block.
 *
 * <p><b>Where things lie.</b> Snapshot {@code s} of {@code vg/data} is the snapshot volume {@code
 * vg/data.s}; its tag {@code r4j.id} says which version it is, on every host. Records are tags of
 * the volume. Other snapshots of the volume, without such a tag, are left alone and are no
 * versions.
 *
 * <p><b>What is sent.</b> The base is a long-lived snapshot at the source: its exception table
 * lists what was overwritten since. The new snapshot is taken first, then that table is read, then
 * the data from the new snapshot: {@link io.replication4j.lvm.cow}. A first stream has every chunk.
 *
 * <p><b>What is atomic.</b>
 *
 * <ul>
 *   <li>A snapshot is one point in time; the snapshots of a group are taken one right after the
 *       other.
 *   <li>An increment is received beside the target, into a volume of its own, which becomes a
 *       snapshot of the target and is merged by the kernel: whoever opens the target sees all of
 *       the old version or all of the new one, also if the host loses power in between.
 *   <li>The target must not be open (mounted, used by a virtual machine) while it is synced to:
 *       that is found before anything is done, and again before the merge.
 *   <li>A snapshot of the target stands for the version that it holds; nothing is in it as long as
 *       nobody writes to the target, so that writes are found, and can be undone. <b>What is
 *       written between the last look and the merge is lost, or mixed with the new version</b>: let
 *       nobody write to a replica.
 * </ul>
 *
 * <p><b>A snapshot that overflows is lost</b>, and with it the base: the next plan is {@code
 * Blocked}. Sizes are in {@link LvmOptions}.
 *
 * <p>Needs LVM2 2.02.158, coreutils and util-linux, and root or a privilege prefix. Not there yet,
 * and refused: thin volumes, volumes whose size changed, streams from host to host ({@code
 * Route.DIRECT}), resuming a stream. Thread-safe.
 */
public final class LvmBackend implements StorageBackend {

  private static final BackendFeatures FEATURES = new BackendFeatures(false, false, true);

  private final CommandRunner runner;
  private final LvmOptions options;
  private final Looks looks;
  private final Steps steps;
  private final Receiving receiving;

  private LvmBackend(CommandRunner runner, LvmOptions options) {
    this.runner = requireNonNull(runner, "runner");
    this.options = requireNonNull(options, "options");
    this.looks = new Looks(this);
    this.steps = new Steps(options);
    this.receiving = new Receiving(options);
  }

  /** LVM on the runner's host, with {@link LvmOptions#defaults}. Asks nothing. */
  public static LvmBackend on(CommandRunner runner) {
    return on(runner, LvmOptions.defaults());
  }

  /** LVM on the runner's host. Asks nothing. */
  public static LvmBackend on(CommandRunner runner, LvmOptions options) {
    return new LvmBackend(runner, options);
  }

  /**
   * The volume {@code GROUP/VOLUME}, which need not exist yet. Asks nothing.
   *
   * @throws IllegalArgumentException if no volume can have that name: lvm(8)
   */
  public Filesystem filesystem(String name) {
    return Filesystem.of(this, FilesystemName.of(name));
  }

  public LvmOptions options() {
    return options;
  }

  @Override
  public String scheme() {
    return "lvm";
  }

  @Override
  public CommandRunner runner() {
    return runner;
  }

  @Override
  public BackendFeatures features() {
    return FEATURES;
  }

  /** None: every stream can follow every other. */
  @Override
  public Map<String, String> lineage() {
    return Map.of();
  }

  @Override
  public void requireValid(FilesystemName root) {
    Volume.requireValid(root);
  }

  /**
   * {@inheritDoc}
   *
   * @throws BusyException if somebody has it open: a merge would wait until it is closed
   * @throws NotFoundException if there is no such volume group
   */
  @Override
  public void requireTarget(FilesystemName root) throws InterruptedException {
    View view = looks.last(root, runner);
    if (view.freeBytes().isEmpty()) {
      throw new NotFoundException(
          "there is no volume group "
              + view.volume().group()
              + " on "
              + runner.host()
              + "; create it (vgcreate), or name another one",
          null);
    }
    requireClosed(view);
  }

  private void requireClosed(View view) {
    if (view.live().filter(LogicalVolume::open).isPresent()) {
      throw new BusyException(
          view.volume()
              + " on "
              + runner.host()
              + " is open: mounted, or used as a device; its content cannot be exchanged. Unmount"
              + " it, or end what uses it (lsof, dmsetup ls --tree), and run again",
          null);
    }
  }

  // ------------------------------------------------------------------ looking

  /**
   * {@inheritDoc}
   *
   * <p>One {@code lvm fullreport} for the host, {@code sync} before it if a request asks for it.
   *
   * @throws UnsupportedException if it is a thin volume, a snapshot, or not active
   */
  @Override
  public List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    if (requests.stream().anyMatch(ObserveRequest::flush)) {
      runOrFail(LvmCommands.flush(), runner);
    }
    looks.now(requests.stream().map(ObserveRequest::root).toList(), runner);
    List<Observation> observations = new ArrayList<>();
    for (ObserveRequest request : requests) {
      observations.add(new Observer(proven(request.root())).observation(request));
    }
    return observations;
  }

  /** The last look, and whether a merge that was cut led to what was received. */
  private View proven(FilesystemName root) throws InterruptedException {
    View view = looks.last(root, runner);
    Optional<Landing> unproven = view.landing().filter(Landing::needsProof);
    if (unproven.isPresent() && !new Proof(runner, options).holds(view, unproven.get())) {
      looks.disprove(root, view);
      return view.disproved();
    }
    return view;
  }

  // ------------------------------------------------------------------ steps

  @Override
  public List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    Optional<List<Command>> blind = steps.commands(Volume.of(root), step);
    return blind.isPresent()
        ? blind.get()
        : steps.commands(runner.host(), looks.last(root, runner), step);
  }

  @Override
  public void perform(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    Optional<List<Command>> blind = steps.commands(Volume.of(root), step);
    if (blind.isPresent()) {
      runAll(blind.get(), through);
      return;
    }
    looks.now(root, through);
    View view = proven(root);
    Optional<Landing> landing = view.landing().filter(l -> step instanceof SyncStep.Prepare);
    if (step instanceof SyncStep.Prepare) {
      requireProven(root, view);
    }
    List<Command> commands = steps.commands(runner.host(), view, step);
    if (step instanceof SyncStep.RollBack
        || step instanceof SyncStep.KeepAside
        || landing.filter(Landing::needsClosedVolume).isPresent()) {
      requireClosed(view);
    }
    if (landing.filter(l -> l.stage() == Landing.Stage.MERGING).isPresent()) {
      finishMerge(root, step, through);
    } else {
      runAll(commands, through);
    }
    looks.forget(root);
  }

  /** Somebody may have written to the volume while nobody looked: what is there must be proven. */
  private void finishMerge(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    runOrFail(LvmCommands.resumeMerge(Volume.of(root)), through);
    looks.now(root, through);
    View view = proven(root);
    requireProven(root, view);
    runAll(steps.commands(runner.host(), view, step), through);
  }

  private void requireProven(FilesystemName root, View view) {
    if (view.isDisproved()) {
      VersionId base = view.newest().flatMap(LogicalVolume::id).orElseThrow();
      throw diverged(root, base, "while an interrupted sync was merged into it");
    }
  }

  private void runAll(List<Command> commands, CommandRunner through) throws InterruptedException {
    for (Command command : commands) {
      runOrFail(command, through);
    }
  }

  @Override
  public List<Command> groupSnapshot(List<RootedStep> rooted) {
    return rooted.stream().map(r -> steps.create(Volume.of(r.root()), r.step())).toList();
  }

  // ------------------------------------------------------------------ streams

  /**
   * {@inheritDoc}
   *
   * <p>One stream for each volume, without the snapshots in between.
   */
  @Override
  public List<Send> streams(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates) {
    return members.stream()
        .map(member -> new Send(List.of(member), false, false, Optional.empty()))
        .toList();
  }

  /** A stream is made by this JVM from what {@link #send} answers. */
  @Override
  public boolean streamsDirectly() {
    return false;
  }

  @Override
  public Command send(FilesystemName root, Send send) {
    Volume volume = Volume.of(root);
    MemberSend member = send.members().get(0);
    Volume snapshot = volume.snapshot(member.snapshot());
    List<String> devices = new ArrayList<>(List.of(snapshot.device()));
    member.base().ifPresent(base -> devices.add(volume.snapshot(base.name()).storeDevice()));
    return LvmCommands.send("r4j-" + snapshot.mapped(), devices);
  }

  @Override
  public RunningCommand startSend(FilesystemName root, Send send, Command sending)
      throws InterruptedException {
    StreamSender sender = sender(root, send);
    return Translation.sending(runner.start(sending), sender::send);
  }

  private StreamSender sender(FilesystemName root, Send send) throws InterruptedException {
    MemberSend member = send.members().get(0);
    View view = looks.now(root, runner);
    Volume snapshot = view.volume().snapshot(member.snapshot());
    LogicalVolume sent = requireVersion(view, snapshot);
    Optional<LogicalVolume> base = Optional.empty();
    if (member.base().isPresent()) {
      base = Optional.of(requireVersion(view, view.volume().snapshot(member.base().get().name())));
    }
    return new StreamSender(
        snapshot,
        sent.id().orElseThrow(),
        view.live().orElseThrow().bytes(),
        base.map(b -> new BaseSnapshot(b.volume(), b.id().orElseThrow())),
        new CowGeometry(options.chunkBytes()),
        Stream.concat(Stream.of(snapshot), base.stream().map(LogicalVolume::volume)).toList(),
        options.stopPercent());
  }

  private LogicalVolume requireVersion(View view, Volume snapshot) {
    return view.versions().stream()
        .filter(v -> v.volume().equals(snapshot))
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

  @Override
  public Command receive(FilesystemName root, Send send) {
    Volume volume = Volume.of(root);
    return LvmCommands.receive(volume, volume.incoming(send.members().get(0).snapshot()));
  }

  @Override
  public RunningCommand startReceive(FilesystemName root, Send send, Command receiving)
      throws InterruptedException {
    View view = looks.last(root, runner);
    requireReceivable(view, send.members().get(0).base());
    StreamReceiver receiver =
        new StreamReceiver(root + " on " + runner.host(), view.live().map(LogicalVolume::bytes));
    return Translation.receiving(runner.start(receiving), receiver::receive);
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

  @Override
  public List<Command> afterReceive(FilesystemName root, Send send) {
    return receiving.planned(Volume.of(root), send);
  }

  /**
   * {@inheritDoc}
   *
   * @throws BusyException if somebody opened the target meanwhile
   * @throws DivergedException if somebody wrote to it
   */
  @Override
  public void finishReceive(FilesystemName root, Send send, CommandRunner through)
      throws InterruptedException {
    MemberSend member = send.members().get(0);
    View view = looks.now(root, through);
    Volume incoming = view.volume().incoming(member.snapshot());
    LogicalVolume received =
        view.incoming().stream()
            .filter(v -> v.volume().equals(incoming))
            .findFirst()
            .orElseThrow(
                () ->
                    new NotFoundException(
                        incoming
                            + " on "
                            + runner.host()
                            + " is not there any more, although it was received; run again",
                        null));
    Next next =
        new Next(
            received.id().orElseThrow(), member.snapshot(), Tags.value(received.tags(), "digest"));
    if (member.base().isEmpty()) {
      runAll(receiving.image(view.volume(), next, incoming, received.tags()), through);
    } else {
      requireClosed(view);
      LogicalVolume base = requireUntouched(root, view, member.base().get().id());
      runAll(receiving.store(view.volume(), next, received, base), through);
    }
    looks.forget(root);
  }

  private LogicalVolume requireUntouched(FilesystemName root, View view, VersionId base) {
    return view.version(base)
        .filter(LogicalVolume::isUntouched)
        .orElseThrow(() -> diverged(root, base, "while it was synced to"));
  }

  private DivergedException diverged(FilesystemName root, VersionId base, String when) {
    return new DivergedException(
        new Conflict.Diverged(
            new Endpoint(scheme(), runner.host(), root), "", base, List.of(), when));
  }

  /** Empty: the list of changed chunks is read with the stream. */
  @Override
  public Optional<Long> estimate(FilesystemName root, Send send) {
    return Optional.empty();
  }

  // ------------------------------------------------------------------ records and errors

  @Override
  public List<Command> record(FilesystemName root, String pair, String text)
      throws InterruptedException {
    View view = looks.beforeRecord(root, runner);
    List<Stored> before =
        Observer.stored(view).stream().filter(s -> s.pair().equals(pair)).toList();
    long number = before.stream().mapToLong(Stored::number).max().orElse(0) + 1;
    Stored stored = new Stored(pair, number, text);
    return List.of(
        LvmCommands.changeTags(
            view.volume(), List.of(stored.tag()), before.stream().map(Stored::tag).toList()));
  }

  /** A field of lvs(8): {@code lv_size}, {@code lv_attr}. */
  @Override
  public Optional<String> property(FilesystemName root, String property)
      throws InterruptedException {
    Command command = LvmCommands.field(Volume.of(root), property);
    return Optional.of(runOrFail(command, runner).output().strip()).filter(v -> !v.isEmpty());
  }

  @Override
  public ReplicationException failure(Command command, CommandResult result) {
    return LvmErrors.of(runner.host(), command, result);
  }
}
