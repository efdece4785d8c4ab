package io.replication4j.lvm;

import static java.util.Objects.requireNonNull;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.DivergedException;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.Tags.Stored;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.BlockDevice;
import io.replication4j.spi.DifferingBlocks;
import io.replication4j.spi.DigestCommand;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * LVM on one host. A filesystem is a logical volume, classic or thin, named {@code GROUP/VOLUME};
 * it has no members below it. What is in it does not matter: it is replicated block by block.
 *
 * <p><b>Where things lie.</b> Snapshot {@code s} of {@code vg/data} is the snapshot volume {@code
 * vg/data.s}; its tag {@code r4j.id} says which version it is, on every host. Records are tags of
 * the volume. Snapshots of a thin volume have the tag {@code r4j.of}, too: LVM forgets whose they
 * are when an increment takes the volume's place. Other snapshots of the volume, without such a
 * tag, are left alone and are no versions.
 *
 * <p><b>What is sent.</b> The base is a long-lived snapshot at the source: its exception table
 * lists what was overwritten since. The new snapshot is taken first, then that table is read, then
 * the data from the new snapshot: {@link io.replication4j.lvm.cow}. A first stream has every chunk
 * but long runs of zeroes. Of a thin volume, {@code thin_delta} says which blocks differ, and a
 * first stream has only the blocks that it has; what was discarded is sent as zeroes, and given
 * back at a thin target. Where the base is lost, {@code OnBrokenChain.COMPARE} finds what differs.
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
 *   <li>If the source was made larger, the target is, before the merge: what is behind the old end
 *       means nothing until then. A source that was made smaller is refused.
 *   <li>A snapshot of the target stands for the version that it holds; nothing is in it as long as
 *       nobody writes to the target, so that writes are found, and can be undone. <b>What is
 *       written between the last look and the merge is lost, or mixed with the new version</b>: let
 *       nobody write to a replica.
 * </ul>
 *
 * <p><b>Thin volumes.</b> Either side may be thin, whatever the other is; a volume that is received
 * where none stands becomes what {@link LvmOptions#thinPool} says. An increment is written into a
 * snapshot of the target, which then takes its place at once: a target that is open is refused,
 * too. What the target holds is compared block by block in every look, so that no write to it is
 * missed, whenever it was made; that costs a command. Comparing needs the one metadata snapshot
 * that a pool can have: ours is given back in any case, after a kill by the next look; somebody
 * else's is left alone, and the sync fails with {@link BusyException}. The pool's room is watched
 * while a stream arrives.
 *
 * <p><b>A snapshot that overflows is lost</b>, and with it the base: the next plan is {@code
 * Blocked}, or compares. They are sized by what changes, and get room when they fill, but only when
 * a snapshot of the same volume is taken or read: {@link LvmOptions}.
 *
 * <p>Needs LVM2 2.02.178, coreutils and util-linux, and root or a privilege prefix; for thin
 * volumes also thin-provisioning-tools. Not there, and refused: streams from host to host ({@code
 * Route.DIRECT}). An increment of a thin volume is not resumed, it begins again. Thread-safe.
 */
public final class LvmBackend implements StorageBackend {

  private static final BackendFeatures FEATURES = new BackendFeatures(false, false, true, true);

  /** {@link io.replication4j.lvm.cow}: what {@link ImageBackend} takes, too. */
  static final String STREAM_FORMAT = "dm-snapshot";

  private final CommandRunner runner;
  private final LvmOptions options;
  private final Looks looks;
  private final StepPerformer performer;
  private final Streams streams;

  private LvmBackend(CommandRunner runner, LvmOptions options) {
    this.runner = requireNonNull(runner, "runner");
    this.options = requireNonNull(options, "options");
    this.looks = new Looks(this);
    this.performer = new StepPerformer(this, looks, new Steps(options));
    this.streams = new Streams(this, looks);
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

  /** {@inheritDoc} Here: snapshot stores, {@link io.replication4j.lvm.cow}. */
  @Override
  public String streamFormat() {
    return STREAM_FORMAT;
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
   * @throws NotFoundException if there is no such volume group; or if a volume is to be made, and
   *     {@link LvmOptions#thinPool} is not there
   * @throws AlreadyExistsException if a thin volume was removed, and versions of it were left
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
    requirePool(view);
    requireNoOrphans(view);
    performer.requireClosedByOthers(view);
  }

  private void requirePool(View view) {
    boolean isMade = view.live().isEmpty() && view.landing().isEmpty();
    options
        .thinPool()
        .filter(pool -> isMade && !view.pools().contains(pool))
        .ifPresent(
            pool -> {
              throw new NotFoundException(
                  "there is no thin pool "
                      + view.volume().sibling(pool)
                      + " on "
                      + runner.host()
                      + ", in which "
                      + view.volume()
                      + " is to be made; create it (lvcreate --type thin-pool), or name another one"
                      + " (LvmOptions.thinPool)",
                  null);
            });
  }

  /** They may be all that is left of the target's data: they are not removed unasked. */
  private void requireNoOrphans(View view) {
    List<Volume> orphans = view.orphans().stream().map(LogicalVolume::volume).toList();
    if (!orphans.isEmpty()) {
      Volume newest = view.newest().orElseThrow().volume();
      throw new AlreadyExistsException(
          view.volume()
              + " is not on "
              + runner.host()
              + " any more, but versions of it are: "
              + String.join(" ", Volume.paths(orphans))
              + ". To go on from the newest, make the volume of it again (lvcreate -s -k n -n "
              + view.volume().name()
              + " "
              + newest
              + "); to begin anew, remove them (lvremove)",
          null);
    }
  }

  // ------------------------------------------------------------------ looking

  /**
   * {@inheritDoc}
   *
   * <p>One {@code lvm fullreport} for the host, {@code sync} before it if a request asks for it;
   * {@code lvm version} the first time. What thin volumes hold is compared with their versions, by
   * one more command, where a request is not of the versions alone.
   *
   * @throws UnsupportedException if it is a pool, a classic snapshot, or not active; or if the
   *     host's LVM is too old
   */
  @Override
  public List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    if (requests.stream().anyMatch(ObserveRequest::flush)) {
      runOrFail(LvmCommands.flush(), runner);
    }
    looks.now(
        requests.stream().map(ObserveRequest::root).toList(),
        requests.stream()
            .filter(ObserveRequest::isOfVersions)
            .map(ObserveRequest::root)
            .collect(Collectors.toSet()),
        runner);
    List<Observation> observations = new ArrayList<>();
    for (ObserveRequest request : requests) {
      View view = performer.proven(request.root());
      observations.add(new Observer(view, VolumeKind.of(view, options)).observation(request));
    }
    return observations;
  }

  // ------------------------------------------------------------------ steps

  @Override
  public List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    return performer.commands(root, step);
  }

  @Override
  public void perform(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    performer.perform(root, step, through);
  }

  @Override
  public List<Command> groupSnapshot(List<RootedStep> rooted) throws InterruptedException {
    Map<List<String>, Command> room = new LinkedHashMap<>(); // once for all snapshots of a volume
    List<Command> snapshots = new ArrayList<>();
    for (RootedStep step : rooted) {
      List<Command> commands = performer.create(step.root(), step.step());
      commands.subList(0, commands.size() - 1).forEach(more -> room.put(more.argv(), more));
      snapshots.add(commands.get(commands.size() - 1));
    }
    return Stream.concat(room.values().stream(), snapshots.stream()).toList();
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
    return streams.arrange(target, members);
  }

  /** {@inheritDoc} They are not: this program makes, and reads, the stream of a volume. */
  @Override
  public void requireDirect(Side side) {
    throw noRoute(runner.host());
  }

  static UnsupportedException noRoute(String host) {
    return new UnsupportedException(
        "the stream of a volume is made and read by this program, not by commands of "
            + host
            + ", and cannot go from host to host without it (route=DIRECT); use"
            + " route=THROUGH_HERE, and where the data is not to come here, run this program on one"
            + " of the two hosts",
        null);
  }

  @Override
  public Command send(FilesystemName root, Send send) throws InterruptedException {
    return streams.send(root, send);
  }

  @Override
  public RunningCommand startSend(
      FilesystemName root, Send send, Command sending, LongConsumer length)
      throws InterruptedException {
    return streams.startSend(root, send, sending, length);
  }

  @Override
  public DifferingBlocks differing(FilesystemName root, Send send, Command sending) {
    return streams.differing(root, send, sending);
  }

  @Override
  public Command receive(FilesystemName root, Send send) throws InterruptedException {
    return streams.receive(root, send);
  }

  /** {@inheritDoc} What is kept of a volume or a store is compared before anything is written. */
  @Override
  public RunningCommand startReceive(
      FilesystemName root, Send send, Command receiving, LongConsumer found)
      throws InterruptedException {
    return streams.startReceive(root, send, receiving, found);
  }

  @Override
  public List<Command> afterReceive(FilesystemName root, Send send) throws InterruptedException {
    return streams.afterReceive(root, send);
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
    performer.finishReceive(root, send, through);
  }

  /**
   * {@inheritDoc} Of a whole classic volume at most so many: all of it, as the last look saw it;
   * runs of zeroes are left out, and nobody knows of them before. Everything else is listed before
   * its stream begins, and its length known then: what changed, and the blocks that a thin volume
   * has. No command is run.
   */
  @Override
  public Optional<Long> estimate(FilesystemName root, Send send) throws InterruptedException {
    return streams.estimate(root, send);
  }

  // ------------------------------------------------------------------ comparing

  @Override
  public Optional<BlockDevice> blocks(FilesystemName root, Optional<VersionId> version)
      throws InterruptedException {
    View view = looks.listed(List.of(root), runner).get(0);
    LogicalVolume live =
        view.live()
            .orElseThrow(() -> new NotFoundException(root + " is not on " + runner.host(), null));
    LogicalVolume read =
        version.isEmpty()
            ? live
            : view.version(version.get())
                .orElseThrow(
                    () ->
                        new NotFoundException(
                            root
                                + " on "
                                + runner.host()
                                + " has no version "
                                + version.get()
                                + " any more, or it overflowed",
                            null));
    return Optional.of(new BlockDevice(read.volume().device(), read.length()));
  }

  @Override
  public Command digests(String path) {
    return DigestCommand.of(path);
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
