package io.replication4j.btrfs;

import static java.util.Objects.requireNonNull;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
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
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.KeptWindows;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * btrfs on one host. A filesystem is a subvolume, named by its absolute path; its members are the
 * subvolumes in it.
 *
 * <p><b>Where things lie.</b> Snapshots are kept in a subvolume {@value BtrfsLayout#DIRECTORY}
 * beside the filesystem (inside it if it is a mount point), one directory per snapshot name, so
 * that the snapshots of a tree are renamed at once. What a target receives goes there too; what
 * stands at its final location is a copy, a snapshot of what was received, put there by exchanging
 * two names, so that there is always a whole tree at that place.
 *
 * <p>The top of a btrfs (subvolid 5), and a subvolume that is itself a mount point, can be sources;
 * their snapshots lie inside them, and are no members. Neither can be a target: a mount point
 * cannot be exchanged for a copy.
 *
 * <p><b>What is atomic.</b>
 *
 * <ul>
 *   <li>The snapshot of <i>one</i> subvolume is one point in time.
 *   <li>The snapshots of a tree, or of a group of filesystems, are <i>not</i>: they are taken one
 *       right after the other by one command, parents first, each at its own time. btrfs has no way
 *       to take several at once. Quiesce what must agree across subvolumes. The <i>set</i> is all
 *       or nothing: it gets its name by one rename, when all its snapshots were taken.
 *   <li>A new copy takes its place, with all nested ones, by one exchange of two names
 *       (renameat2(2)): whoever opens the path finds the whole old tree or the whole new one. A
 *       host that cannot exchange names renames twice; the place is empty for the moment in
 *       between.
 *   <li>The exchange moves names, not open files. A process that keeps a file or a directory of the
 *       copy open, or has its working directory there, stays in the replaced copy. It goes on
 *       reading the old version. <b>What it writes after the last check of the replaced copy is
 *       lost with it</b>, without an error: let nobody write to a copy that is synced to, or choose
 *       {@link BtrfsOptions.Copy#READ_ONLY}.
 *   <li>What was written to a copy <i>before</i> that check is found, also between the first check
 *       and the exchange: the old copy is put back, and the sync ends with a {@link
 *       io.replication4j.DivergedException}.
 *   <li>What is received is not atomic: a stream that ends early leaves a part, which is told from
 *       a whole snapshot by the mark of reception that only the latter has. No copy is made of it,
 *       and the next sync removes it.
 * </ul>
 *
 * <p><b>Identity</b> is the received_uuid of a snapshot, else its uuid. A live subvolume is
 * unchanged since a snapshot was taken of it if its generation is that snapshot's generation at
 * creation.
 *
 * <p>Needs btrfs-progs 5.10 or newer, coreutils, findutils, Linux 4.2 or newer, and root or a
 * privilege prefix; perl or coreutils 9.5 to exchange names. Thread-safe.
 */
public final class BtrfsBackend implements StorageBackend {

  private final CommandRunner runner;
  private final BtrfsOptions options;
  private final BtrfsHost host;
  private final StepPerformer performer;
  private final Streams streams;
  private final StreamFormats formats;
  private final Observations observations;

  /** The lengths of the streams that arrived last in spools and are not received yet. */
  private final Map<FilesystemName, Long> spooled = new ConcurrentHashMap<>();

  private BtrfsBackend(CommandRunner runner, BtrfsOptions options) {
    this.runner = requireNonNull(runner, "runner");
    this.options = requireNonNull(options, "options");
    this.host = new BtrfsHost(this);
    this.observations = new Observations(host, runner, options.spool());
    this.performer = new StepPerformer(host, options, runner);
    this.streams = new Streams(host, runner);
    this.formats = new StreamFormats(runner);
  }

  /** btrfs on the runner's host, with {@link BtrfsOptions#defaults}. Asks nothing. */
  public static BtrfsBackend on(CommandRunner runner) {
    return on(runner, BtrfsOptions.defaults());
  }

  /** btrfs on the runner's host. Asks nothing. */
  public static BtrfsBackend on(CommandRunner runner, BtrfsOptions options) {
    return new BtrfsBackend(runner, options);
  }

  /**
   * The subvolume at {@code path}, which need not exist yet. Asks nothing.
   *
   * @throws IllegalArgumentException if it is not an absolute path without empty, {@code .} and
   *     {@code ..} parts
   */
  public Filesystem filesystem(String path) {
    return Filesystem.of(this, FilesystemName.of(path));
  }

  public BtrfsOptions options() {
    return options;
  }

  @Override
  public String scheme() {
    return "btrfs";
  }

  @Override
  public CommandRunner runner() {
    return runner;
  }

  @Override
  public BackendFeatures features() {
    return new BackendFeatures(true, false, false);
  }

  /** None: every stream can follow every other. */
  @Override
  public Map<String, String> lineage() {
    return Map.of();
  }

  @Override
  public void requireValid(FilesystemName root) {
    String value = root.value();
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException(
          "a btrfs filesystem is named by an absolute path: '" + value + "'");
    }
    for (String part : value.split("/")) {
      if (part.startsWith(BtrfsLayout.DIRECTORY)) {
        throw new IllegalArgumentException(
            "'" + value + "' lies in what belongs to replication itself");
      }
    }
  }

  /**
   * A mount point can be sent from, but not exchanged for a copy: {@link
   * io.replication4j.BusyException}.
   */
  @Override
  public void requireTarget(FilesystemName root) throws InterruptedException {
    CopyInstaller.requireExchangeable(host.layout(root, runner), runner.host());
  }

  // ------------------------------------------------------------------ looking

  /**
   * {@inheritDoc}
   *
   * <p>Per btrfs: {@code btrfs filesystem sync} if a request asks for it, one {@code btrfs
   * subvolume list}, one {@code find} in the snapshot directories, one {@code btrfs subvolume list
   * -s} when there are snapshots whose time of creation is not known yet, and where several
   * snapshots of an unchanged subvolume stand, {@code btrfs send --no-data} between them.
   */
  @Override
  public List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    return observations.observe(requests);
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
  public List<Command> groupSnapshot(List<RootedStep> steps) throws InterruptedException {
    return performer.groupSnapshot(steps);
  }

  // ------------------------------------------------------------------ streams

  /**
   * {@inheritDoc}
   *
   * <p>One stream for all that have no base; one for all whose base is a snapshot of the same
   * subvolume, which btrfs-send(8) then finds by itself; and one for each other.
   */
  @Override
  public List<Send> streams(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates) {
    return streams.arrange(source, members);
  }

  /**
   * {@inheritDoc} One for each, if the receiver spools: what is whole is received, and not kept.
   */
  @Override
  public List<Send> streams(
      Observation source,
      Observation target,
      List<MemberSend> members,
      boolean intermediates,
      StorageBackend receiver) {
    return receiver instanceof BtrfsBackend other && other.options.spool()
        ? Streams.oneForEach(members)
        : streams(source, target, members, intermediates);
  }

  /**
   * In {@link BtrfsOptions#stream} if that is one format; {@code AUTO} is protocol 1 where the
   * receiver is not known.
   */
  @Override
  public Command send(FilesystemName root, Send send) throws InterruptedException {
    return send(root, send, options.stream() == BtrfsOptions.Stream.VERSION_2_COMPRESSED);
  }

  /**
   * {@inheritDoc}
   *
   * <p>For compressed data each host is asked once: {@code btrfs --version}, and on this one, for
   * {@link BtrfsOptions.Stream#AUTO}, what {@code /sys/fs/btrfs/features/send_stream_version} says.
   *
   * @throws io.replication4j.UnsupportedException if compressed data is demanded, and the
   *     receiver's btrfs-progs is too old
   */
  @Override
  public Command send(FilesystemName root, Send send, StorageBackend receiver)
      throws InterruptedException {
    return receiver instanceof BtrfsBackend other
        ? send(root, send, isCompressedFor(other))
        : send(root, send);
  }

  private boolean isCompressedFor(BtrfsBackend receiver) throws InterruptedException {
    switch (options.stream()) {
      case AUTO:
        return formats.sendsCompressed() && receiver.formats.receivesCompressed();
      case VERSION_2_COMPRESSED:
        receiver.formats.requireReceivesCompressed();
        return true;
      default:
        return false;
    }
  }

  private Command send(FilesystemName root, Send send, boolean compressed)
      throws InterruptedException {
    return streams.send(root, send, compressed ? StreamFormats.COMPRESSED : List.of());
  }

  @Override
  public Command receive(FilesystemName root, Send send) throws InterruptedException {
    requireTarget(root);
    return options.spool()
        ? BtrfsCommands.spool(spool(root, send), 0)
        : BtrfsCommands.receive(set(root, send), receiving(root, send));
  }

  private String set(FilesystemName root, Send send) throws InterruptedException {
    return host.layout(root, runner).set(send.members().get(0).snapshot());
  }

  private String receiving(FilesystemName root, Send send) throws InterruptedException {
    return host.layout(root, runner).receiving(send.members().get(0).snapshot());
  }

  /** Of a snapshot that is still to be taken the name is not known. */
  private String spool(FilesystemName root, Send send) throws InterruptedException {
    VersionId id = send.members().get(0).id().orElseGet(() -> VersionId.of("{…}"));
    return host.layout(root, runner).spool(id);
  }

  /** What a spool holds already is compared before anything is written. */
  @Override
  public RunningCommand startReceive(
      FilesystemName root, Send send, Command receiving, LongConsumer found)
      throws InterruptedException {
    if (!options.spool()) {
      return runner.start(receiving);
    }
    String spool = spool(root, send);
    return new SpooledReceive(
        KeptWindows.of(this, BtrfsCommands.kept(spool)),
        kept -> runner.start(BtrfsCommands.spool(spool, kept)),
        found,
        length -> spooled.put(root, length));
  }

  /** {@inheritDoc} Not into a spool, whose content is compared here. */
  @Override
  public void requireDirect(Side side) {
    if (side == Side.TARGET && options.spool()) {
      throw new UnsupportedException(
          "what is received into a spool on "
              + runner.host()
              + " (BtrfsOptions.spool) is compared by this program, and cannot go there directly"
              + " (route=DIRECT); use route=THROUGH_HERE, or no spool",
          null);
    }
  }

  /**
   * {@code btrfs filesystem sync}: the kernel would wait for its own time. A spool can wait: it is
   * compared before it counts.
   */
  @Override
  public Optional<Command> flush(FilesystemName root) throws InterruptedException {
    return options.spool()
        ? Optional.empty()
        : Optional.of(BtrfsCommands.flush(host.layout(root, runner).mount().point()));
  }

  /**
   * {@code btrfs receive} of the spool, if there is one. Otherwise nothing: what was received is
   * made sure to be read-only before a copy of it is installed.
   */
  @Override
  public List<Command> afterReceive(FilesystemName root, Send send) throws InterruptedException {
    return options.spool() ? List.of(receiveSpool(root, send, "{…}")) : List.of();
  }

  private Command receiveSpool(FilesystemName root, Send send, String length)
      throws InterruptedException {
    return BtrfsCommands.receiveSpool(
        set(root, send), spool(root, send), length, receiving(root, send));
  }

  /** {@inheritDoc} What an interrupted receive of the spool left is removed before. */
  @Override
  public void finishReceive(FilesystemName root, Send send, CommandRunner through)
      throws InterruptedException {
    if (!options.spool()) {
      return;
    }
    Long length = spooled.remove(root);
    List<String> members = send.members().stream().map(MemberSend::path).toList();
    List<Command> commands =
        new ArrayList<>(Steps.removePartial(host.lastSeen(root, through), members));
    commands.add(receiveSpool(root, send, String.valueOf(length)));
    host.forgetView(root);
    host.runAll(commands, through);
  }

  /** Empty: btrfs tells the size of a stream only by making it. */
  @Override
  public Optional<Long> estimate(FilesystemName root, Send send) {
    return Optional.empty();
  }

  @Override
  public List<Command> record(FilesystemName root, String pair, String text)
      throws InterruptedException {
    String file = host.layout(root, runner).stateFile(pair);
    String fresh = file + ".new";
    return List.of(
        BtrfsCommands.write(fresh).withInput(text + "\n"), BtrfsCommands.rename(fresh, file));
  }

  /**
   * {@code btrfs property get}, btrfs-property(8): {@code ro}, {@code compression}, {@code label}.
   */
  @Override
  public Optional<String> property(FilesystemName root, String property)
      throws InterruptedException {
    String path = host.layout(root, runner).path();
    String line = host.output(BtrfsCommands.getProperty(path, property), runner).strip();
    return line.startsWith(property + "=")
        ? Optional.of(line.substring(property.length() + 1))
        : Optional.empty();
  }

  @Override
  public ReplicationException failure(Command command, CommandResult result) {
    return BtrfsErrors.of(runner.host(), command, result);
  }
}
