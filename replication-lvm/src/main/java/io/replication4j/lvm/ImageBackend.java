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
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.TargetModifiedException;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.WrongStorageException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.ImageView.Held;
import io.replication4j.lvm.ImageView.Kind;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.BlockDevice;
import io.replication4j.spi.DigestCommand;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * Images of logical volumes on one host: a filesystem is a plain file, or a block device of any
 * kind, named by its absolute path. A target only: it takes the streams of {@link LvmBackend}, and
 * holds one version, the last.
 *
 * <p><b>Where things lie.</b> Beside a file: {@code NAME.r4j} says which version it holds, and has
 * the records of the pairs; {@code NAME.r4j-spool} and {@code NAME.r4j-new} is what is being
 * received. Of a device, in {@link ImageOptions#deviceDirectory}, called after the path by which it
 * is named: name it by one that lasts, such as those in {@code /dev/disk/by-id} or {@code
 * /dev/mapper}, and always by the same. A link is followed; a file's files lie beside what it leads
 * to.
 *
 * <p><b>What is atomic.</b> An increment is received whole and is on disk before the first byte of
 * it is written into the image. If anything is cut before that moment, the image is the old
 * version; after it, the next sync makes it the new one, however often it is interrupted, and over
 * whatever somebody wrote to it in between. A whole file is received under another name and takes
 * its place at once. A whole device is filled in place; until that is done it counts as empty.
 * {@link ImageOptions.Builder#nonAtomic} writes through.
 *
 * <p><b>Who reads it while an increment is written into it sees a mixture of two versions,</b>
 * which no file and no device can prevent. So nobody may use it then: who has it open, mounted or
 * otherwise in use is found before anything is done, and again before it is written to, as far as
 * the user may see (another user's processes: root only; what the kernel serves of a file by iSCSI
 * or NVMe: nobody). Readers that may not wait want a copy ({@code cp --reflink}), or a logical
 * volume as the target, where the kernel switches from one version to the next.
 *
 * <p><b>Whether it was written to.</b> A file has the time of its version as its time of change;
 * whoever writes to it changes that, or its size or inode, which every look compares. Of a device
 * the first mebibyte is compared, where most of what mounts a filesystem leaves its trace; <b>what
 * was written elsewhere nobody can tell</b> without reading it all: {@code ReplicationPair.verify}
 * does. There is no older version to roll back to ({@code OnDivergence.ROLL_BACK} is refused as
 * {@code REFUSE} is); {@code KEEP_ASIDE} renames a file to {@code NAME.aside-…} with its state, and
 * everything is sent anew; there is no such thing for a device.
 *
 * <p><b>A device is never overwritten unasked:</b> one that we did not fill must hold nothing but
 * zeroes in its first and last mebibyte, as a new one does, or after {@code blkdiscard -z}. A state
 * that was written for another device does not count. The directories named above must be such that
 * only who syncs, and whom he trusts, may write there. A device may be larger than the source; a
 * file grows with it. Both hold zeroes as holes where they can.
 *
 * <p>Needs a POSIX shell and coreutils 8.24 on Linux, and the right to write there; perl (5.8), if
 * it is there, writes scattered changes much faster than dd does. Not there, and refused: to be a
 * source, and streams from host to host ({@code Route.DIRECT}). Thread-safe.
 */
public final class ImageBackend implements StorageBackend {

  private static final BackendFeatures FEATURES =
      new BackendFeatures(false, false, true, true, false);

  /** Of a file's name, so that ours, and that under which it is kept aside, are not too long. */
  private static final int LONGEST_NAME = 200;

  private static final String UNKNOWN = "{…}";

  private final CommandRunner runner;
  private final ImageOptions options;
  private final ImageCommands commands;
  private final Map<FilesystemName, ImageView> views = new ConcurrentHashMap<>();

  /** As they were when what is being received began: a look meanwhile does not change that. */
  private final Map<FilesystemName, ImageView> received = new ConcurrentHashMap<>();

  private ImageBackend(CommandRunner runner, ImageOptions options) {
    this.runner = requireNonNull(runner, "runner");
    this.options = requireNonNull(options, "options");
    this.commands = new ImageCommands(options);
  }

  /** Images on the runner's host, with {@link ImageOptions#defaults}. Asks nothing. */
  public static ImageBackend on(CommandRunner runner) {
    return on(runner, ImageOptions.defaults());
  }

  /** Images on the runner's host. Asks nothing. */
  public static ImageBackend on(CommandRunner runner, ImageOptions options) {
    return new ImageBackend(runner, options);
  }

  /**
   * The image at that absolute path: a block device, or a plain file, which need not exist yet.
   * Asks nothing.
   *
   * @throws IllegalArgumentException if the path is not absolute, ends as our own files do, or has
   *     a last part of more than 200 bytes
   */
  public Filesystem filesystem(String path) {
    return Filesystem.of(this, FilesystemName.of(path));
  }

  public ImageOptions options() {
    return options;
  }

  @Override
  public String scheme() {
    return "file";
  }

  @Override
  public String streamFormat() {
    return LvmBackend.STREAM_FORMAT;
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
    String path = root.value();
    String leaf = path.substring(path.lastIndexOf('/') + 1);
    if (!path.startsWith("/")
        || leaf.isEmpty()
        || leaf.matches(".*\\.r4j(?:-spool|-new|-next)?")
        || leaf.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "an image is the absolute path of a file or block device, its last part of 200 bytes at"
              + " most and without our own endings (.r4j): '"
              + root
              + "'");
    }
  }

  @Override
  public void requireSource(FilesystemName root) {
    throw noSource(root);
  }

  private UnsupportedException noSource(FilesystemName root) {
    return new UnsupportedException(
        endpoint(root)
            + " is an image, which can be a target only: nothing tells what changed in it. Replicate"
            + " from a logical volume",
        null);
  }

  /**
   * {@inheritDoc}
   *
   * @throws NotFoundException if there is no such directory, or no such device
   * @throws BusyException if it is open, mounted, swapped to, or part of another device
   * @throws AlreadyExistsException if it is a device that holds something of which nothing is known
   * @throws PermissionDeniedException if nothing can be written beside it
   */
  @Override
  public void requireTarget(FilesystemName root) throws InterruptedException {
    target(last(root)).requireUsable();
  }

  @Override
  public Optional<String> immovable(FilesystemName root) throws InterruptedException {
    return target(last(root)).immovable();
  }

  private ImageTarget target(ImageView view) {
    return new ImageTarget(endpoint(view.name()), view);
  }

  private Endpoint endpoint(FilesystemName root) {
    return new Endpoint(scheme(), runner.host(), root);
  }

  // ------------------------------------------------------------------ looking

  /**
   * {@inheritDoc}
   *
   * <p>One command for all. Who uses an image is asked for only where a plan may follow.
   *
   * @throws WrongStorageException if it is neither a plain file nor a block device
   */
  @Override
  public List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    boolean isForUse = !requests.stream().allMatch(ObserveRequest::isOfVersions);
    List<ImageView> seen =
        look(requests.stream().map(ObserveRequest::root).toList(), isForUse, runner);
    List<Observation> observations = new ArrayList<>();
    for (int i = 0; i < seen.size(); i++) {
      observations.add(seen.get(i).observation(requests.get(i)));
    }
    return observations;
  }

  private List<ImageView> look(List<FilesystemName> roots, boolean isForUse, CommandRunner through)
      throws InterruptedException {
    String output = runOrFail(commands.look(roots, isForUse), through).output();
    List<ImageView> seen = ImageLookParser.parse(runner.host(), roots, output);
    for (ImageView view : seen) {
      if (view.kind() == Kind.OTHER) {
        throw new WrongStorageException(
            endpoint(view.name()) + " is neither a plain file nor a block device", null);
      }
      views.put(view.name(), view);
    }
    return seen;
  }

  private ImageView now(FilesystemName root, CommandRunner through) throws InterruptedException {
    return look(List.of(root), false, through).get(0);
  }

  private ImageView last(FilesystemName root) throws InterruptedException {
    ImageView view = views.get(root);
    return view != null ? view : look(List.of(root), true, runner).get(0);
  }

  // ------------------------------------------------------------------ steps

  @Override
  public List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    if (step instanceof SyncStep.Prepare) {
      return last(root).landing().isPresent() ? List.of(commands.finish(root)) : List.of();
    } else if (step instanceof SyncStep.RenameSnapshot rename) {
      return List.of(commands.label(root, rename.from(), rename.to()));
    } else if (step instanceof SyncStep.AbortReceive) {
      return List.of(commands.abort(root));
    } else if (step instanceof SyncStep.KeepAside aside && aside.base().isEmpty()) {
      return List.of(commands.keepAside(root, aside.asideName(), last(root).mark()));
    }
    throw new UnsupportedException(
        endpoint(root)
            + " is an image, of which there is one version, and no other: there is no "
            + step.getClass().getSimpleName()
            + " for it; nothing was done",
        null);
  }

  @Override
  public void perform(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    runAllOrFail(commands(root, step), through);
    views.remove(root);
  }

  @Override
  public List<Command> groupSnapshot(List<RootedStep> steps) {
    throw noSource(steps.get(0).root());
  }

  // ------------------------------------------------------------------ streams

  @Override
  public List<Send> streams(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates) {
    throw noSource(source.root());
  }

  /** {@inheritDoc} They are not: this program reads the stream of a volume. */
  @Override
  public void requireDirect(Side side) {
    throw LvmBackend.noRoute(runner.host());
  }

  @Override
  public Command send(FilesystemName root, Send send) {
    throw noSource(root);
  }

  @Override
  public Command receive(FilesystemName root, Send send) throws InterruptedException {
    MemberSend member = send.members().get(0);
    ImageView view = last(root);
    return commands.receive(root, member.snapshot(), expected(view, member), view.mark());
  }

  /** The beginning of the state on which it can be applied. */
  private static String expected(ImageView view, MemberSend member) {
    return member.base().map(base -> view.beginning(base.id())).orElse("nothing");
  }

  @Override
  public RunningCommand startReceive(
      FilesystemName root, Send send, Command receiving, LongConsumer found)
      throws InterruptedException {
    ImageView view = last(root);
    target(view).requireReceivable(send.members().get(0));
    received.put(root, view);
    Optional<Long> targetBytes = view.version().map(Held::bytes);
    Optional<PartImage> part =
        view.kept()
            .filter(id -> send.members().get(0).id().equals(Optional.of(id)))
            .map(id -> new PartImage(this, commands, root, id, found));
    StreamReceiver receiver =
        new StreamReceiver(
            root + " on " + runner.host(), targetBytes, new ImageArrival(options.atomic(), part));
    return Translation.receiving(
        runner.start(receiving), receiver::receive, () -> part.ifPresent(PartImage::close));
  }

  @Override
  public List<Command> afterReceive(FilesystemName root, Send send) throws InterruptedException {
    return List.of(finish(last(root), send));
  }

  private Command finish(ImageView view, Send send) {
    MemberSend member = send.members().get(0);
    String id = member.id().map(VersionId::value).orElse(UNKNOWN);
    return commands.finish(view.name(), expected(view, member), view.mark(), id, member.snapshot());
  }

  /**
   * {@inheritDoc}
   *
   * @throws BusyException if somebody opened the image meanwhile
   * @throws DivergedException if somebody wrote to it
   */
  @Override
  public void finishReceive(FilesystemName root, Send send, CommandRunner through)
      throws InterruptedException {
    MemberSend member = send.members().get(0);
    ImageView view = received.remove(root);
    try {
      runAllOrFail(List.of(finish(view != null ? view : last(root), send)), through);
    } catch (TargetModifiedException e) {
      if (member.base().isEmpty()) {
        throw e;
      }
      throw new DivergedException(
          new Conflict.Diverged(
              endpoint(root),
              "",
              member.base().get().id(),
              List.of(),
              "while it was synced to, or moved",
              false,
              immovable(root)));
    } finally {
      views.remove(root);
    }
  }

  @Override
  public Optional<Long> estimate(FilesystemName root, Send send) {
    throw noSource(root);
  }

  // ------------------------------------------------------------------ comparing

  /** {@inheritDoc} Only what it holds now is there. */
  @Override
  public Optional<BlockDevice> blocks(FilesystemName root, Optional<VersionId> version)
      throws InterruptedException {
    ImageView view = now(root, runner);
    boolean isThere = view.kind() == Kind.FILE || view.kind() == Kind.DEVICE;
    boolean isMeant = version.isEmpty() || view.version().map(Held::id).equals(version);
    if (!isThere || !isMeant) {
      throw new NotFoundException(
          endpoint(root)
              + (isThere ? " does not hold version " + version.orElseThrow() : " is not there"),
          null);
    }
    return Optional.of(new BlockDevice(root.value(), Math.min(view.length(), view.bytes())));
  }

  @Override
  public Command digests(String path) {
    return DigestCommand.of(path);
  }

  // ------------------------------------------------------------------ records and errors

  @Override
  public List<Command> record(FilesystemName root, String pair, String text) {
    return List.of(commands.record(root, pair, text));
  }

  /** None. */
  @Override
  public Optional<String> property(FilesystemName root, String property) {
    return Optional.empty();
  }

  @Override
  public ReplicationException failure(Command command, CommandResult result) {
    return ImageErrors.of(runner.host(), command, result);
  }
}
