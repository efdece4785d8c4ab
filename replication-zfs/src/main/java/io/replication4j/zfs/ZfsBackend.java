package io.replication4j.zfs;

import static java.util.Objects.requireNonNull;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationException;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ZFS on one host. A {@link Filesystem} is a dataset, filesystem or volume; versions are its
 * snapshots and bookmarks, known by {@code guid}, ordered by {@code createtxg}. Works with OpenZFS
 * 0.8 and later, and with what older ones offer: the first call that has to know asks the host
 * ({@code zfs version}; {@code zfs} for its usage).
 *
 * <p>Records of pairs are user properties {@code io.replication4j:state.<pair>}, set locally on the
 * dataset itself: values that were received or inherited are never taken for its own.
 *
 * <p>Thread-safe. Closing the runner is the caller's business.
 */
public final class ZfsBackend implements StorageBackend {

  private static final BackendFeatures FEATURES = new BackendFeatures(false, true, true);
  private static final String READONLY = "readonly";
  private static final int LONGEST_NAME = 255;

  /** zfs(8), "naming": letters, digits and these; a pool begins with a letter. */
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z][A-Za-z0-9_.: -]*(/[A-Za-z0-9_.: -]+)*");

  private static final Pattern ESTIMATE = Pattern.compile("(?m)^size\\t(\\d+)$");

  private final CommandRunner runner;
  private final ZfsOptions options;
  private volatile Optional<ZfsCommands> commands = Optional.empty();

  private ZfsBackend(CommandRunner runner, ZfsOptions options) {
    this.runner = requireNonNull(runner, "runner");
    this.options = requireNonNull(options, "options");
  }

  /**
   * The ZFS of the runner's host, with {@link ZfsOptions#defaults}. Nothing is asked of the host
   * yet.
   */
  public static ZfsBackend on(CommandRunner runner) {
    return on(runner, ZfsOptions.defaults());
  }

  /** The ZFS of the runner's host. Nothing is asked of the host yet. */
  public static ZfsBackend on(CommandRunner runner, ZfsOptions options) {
    return new ZfsBackend(runner, options);
  }

  /**
   * The dataset of that name, whether it exists or not: {@code tank/data}.
   *
   * @throws IllegalArgumentException if ZFS cannot have a dataset of that name
   */
  public Filesystem filesystem(String dataset) {
    return Filesystem.of(this, FilesystemName.of(dataset));
  }

  /** {@code zfs}. */
  @Override
  public String scheme() {
    return "zfs";
  }

  @Override
  public CommandRunner runner() {
    return runner;
  }

  /**
   * One dataset is both what is received and what is read; children stand for themselves; trees are
   * atomic.
   */
  @Override
  public BackendFeatures features() {
    return FEATURES;
  }

  /** {@code raw} and {@code largeBlocks}, each {@code on}, if they are. */
  @Override
  public Map<String, String> lineage() {
    Map<String, String> flags = new TreeMap<>();
    if (options.raw()) {
      flags.put("raw", "on");
    }
    if (options.largeBlocks()) {
      flags.put("largeBlocks", "on");
    }
    return flags;
  }

  /** {@inheritDoc} The rules are those of zfs(8); the whole name has at most 255 characters. */
  @Override
  public void requireValid(FilesystemName root) {
    if (root.value().length() > LONGEST_NAME || !NAME.matcher(root.value()).matches()) {
      throw new IllegalArgumentException(
          "not a name that a ZFS dataset can have (letters, digits, '_.: -', a pool that begins with a letter, at most "
              + LONGEST_NAME
              + " characters): '"
              + root
              + "'");
    }
  }

  /**
   * {@inheritDoc} {@code readonly=on}, if {@link ZfsOptions#receivedOverrides} says so: a former
   * source is mounted, and what only reads it changes its access times, and so its data. What lies
   * below inherits it; so if that is not of the pair, nothing is set.
   */
  @Override
  public Map<String, String> replicaProperties(FilesystemName root, boolean recursive)
      throws InterruptedException {
    boolean wanted = "on".equals(options.receivedOverrides().get(READONLY));
    boolean needed = wanted && !property(root, READONLY).equals(Optional.of("on"));
    return needed && (recursive || !hasChildren(root)) ? Map.of(READONLY, "on") : Map.of();
  }

  private boolean hasChildren(FilesystemName root) throws InterruptedException {
    ZfsTypes there = ZfsTypes.ask(this, ZfsCommands.below(root.value()), runner);
    return !there.childrenOf(root.value()).isEmpty();
  }

  /**
   * {@inheritDoc} One command, whatever the number of datasets and pools: {@code zfs list -r} for
   * those that are asked for with their children, {@code zfs list -d 1} for those without, {@code
   * zfs get} for records and parents, run by xargs(1). To flush, {@code zpool sync} before.
   */
  @Override
  public List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    return requests.isEmpty() ? List.of() : new ZfsObserver(this, tools()).observe(requests);
  }

  /**
   * {@inheritDoc} {@code zfs get}: properties that are set nowhere and have no default are not set.
   */
  @Override
  public Optional<String> property(FilesystemName root, String property)
      throws InterruptedException {
    Command command = ZfsCommands.property(property, root.value());
    String line = runOrFail(command, runner).output();
    int source = line.lastIndexOf('\t');
    if (source < 0) {
      throw new UnexpectedOutputException(
          command.verb()
              + " on "
              + runner.host()
              + ": not a value and its source: '"
              + line.strip()
              + "'",
          null);
    }
    return line.strip().equals("-\t-") ? Optional.empty() : Optional.of(line.substring(0, source));
  }

  @Override
  public List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    return new ZfsSteps(this, tools()).commands(root, step);
  }

  @Override
  public void perform(FilesystemName root, SyncStep step, CommandRunner by)
      throws InterruptedException {
    if (step instanceof SyncStep.KeepAside aside) {
      new ZfsAside(this, tools()).perform(root, aside, by);
    } else {
      StorageBackend.super.perform(root, step, by);
    }
  }

  /**
   * {@inheritDoc} One command for each pool and kind (trees, single datasets) where the host's zfs
   * takes several; but ZFS does not take two snapshots of one dataset at once: those come in
   * further commands.
   */
  @Override
  public List<Command> groupSnapshot(List<RootedStep> steps) throws InterruptedException {
    List<Command> commands = new ArrayList<>();
    for (List<RootedStep> together : ZfsGroups.of(steps)) {
      boolean recursive = together.get(0).step().recursive();
      List<String> names = new ArrayList<>();
      for (RootedStep step : together) {
        List<String> paths = recursive ? List.of("") : step.step().members();
        names.addAll(ZfsCommands.snapshots(step.root(), paths, step.step().name()));
      }
      commands.addAll(tools().snapshot(names, recursive));
    }
    return commands;
  }

  @Override
  public List<Send> streams(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates) {
    return new ZfsStreams(source, target, options.sendProperties()).arrange(members, intermediates);
  }

  @Override
  public Command send(FilesystemName root, Send send) throws InterruptedException {
    return tools().send(root, send);
  }

  @Override
  public Command receive(FilesystemName root, Send send) throws InterruptedException {
    return tools().receive(root, send);
  }

  @Override
  public List<Command> afterReceive(FilesystemName root, Send send) throws InterruptedException {
    return new ZfsReceived(this, options).commands(root, send);
  }

  /** {@inheritDoc} {@code zfs send -nP}; empty too if that fails: whoever sends will learn why. */
  @Override
  public Optional<Long> estimate(FilesystemName root, Send send) throws InterruptedException {
    for (Command command : tools().estimate(root, send)) {
      CommandResult result = runner.run(command);
      Matcher size = ESTIMATE.matcher(result.output() + "\n" + result.errorTail());
      if (result.succeeded() && size.find()) {
        return Optional.of(Long.parseLong(size.group(1)));
      }
    }
    return Optional.empty();
  }

  @Override
  public List<Command> record(FilesystemName root, String pair, String text) {
    return List.of(ZfsCommands.set(ZfsProperties.state(pair), text, List.of(root.value())));
  }

  @Override
  public ReplicationException failure(Command command, CommandResult result) {
    return ZfsErrors.of(runner.host(), command, result);
  }

  ZfsCapabilities capabilities() throws InterruptedException {
    return tools().capabilities();
  }

  private ZfsCommands tools() throws InterruptedException {
    Optional<ZfsCommands> known = commands;
    if (known.isPresent()) {
      return known.get();
    }
    ZfsCommands probed = new ZfsCommands(runner.host(), ZfsCapabilities.probe(runner), options);
    commands = Optional.of(probed); // asked twice at worst, with the same answer
    return probed;
  }
}
