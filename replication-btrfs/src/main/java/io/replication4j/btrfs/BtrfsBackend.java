package io.replication4j.btrfs;

import static java.util.Objects.requireNonNull;

import io.replication4j.AlreadyExistsException;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.Version;
import io.replication4j.btrfs.CopyInstaller.Fate;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.StorageBackend;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * btrfs on one host. A filesystem is a subvolume, named by its absolute path; its members are the subvolumes in it.
 *
 * <p><b>Where things lie.</b> Snapshots are kept in a subvolume {@value BtrfsLayout#DIRECTORY} beside the filesystem (inside it if
 * it is a mount point), one directory per snapshot name, so that the snapshots of a tree are renamed at once. What a target
 * receives goes there too; what stands at its final location is a copy, a snapshot of what was received, put there by exchanging
 * two names, so that there is always a whole tree at that place.
 *
 * <p><b>What is atomic.</b> The snapshot of one subvolume is one point in time. Those of several, nested ones included, are taken
 * one right after the other by one command, each at its own time: quiesce what must agree across them. The copies of a tree are
 * replaced all at once.
 *
 * <p><b>Identity</b> is the received_uuid of a snapshot, else its uuid. A live subvolume is unchanged since a snapshot was taken
 * of it if its generation is that snapshot's generation at creation.
 *
 * <p>Needs btrfs-progs 5.10 or newer, coreutils, findutils, Linux 4.2 or newer, and root or a privilege prefix; perl or coreutils
 * 9.5 to exchange names. Thread-safe.
 */
public final class BtrfsBackend implements StorageBackend {

  private final CommandRunner runner;
  private final BtrfsOptions options;
  private final BtrfsHost host;
  private final Exchange exchange = new Exchange();
  private final Comparison comparison = new Comparison();

  private BtrfsBackend(CommandRunner runner, BtrfsOptions options) {
    this.runner = requireNonNull(runner, "runner");
    this.options = requireNonNull(options, "options");
    this.host = new BtrfsHost(options);
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
   * @throws IllegalArgumentException if it is not an absolute path without empty, {@code .} and {@code ..} parts
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
      throw new IllegalArgumentException("a btrfs filesystem is named by an absolute path: '" + value + "'");
    }
    for (String part : value.split("/")) {
      if (part.startsWith(BtrfsLayout.DIRECTORY)) {
        throw new IllegalArgumentException("'" + value + "' lies in what belongs to replication itself");
      }
    }
  }

  // ------------------------------------------------------------------ looking

  /**
   * {@inheritDoc}
   *
   * <p>Per btrfs: {@code btrfs filesystem sync} if a request asks for it, one {@code btrfs subvolume list}, one
   * {@code find} in the snapshot directories, one {@code btrfs subvolume list -s} when there are snapshots whose time of creation
   * is not known yet, and where several snapshots of an unchanged subvolume stand, {@code btrfs send --no-data} between them.
   */
  @Override
  public List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    Map<FilesystemName, Observation> found = new HashMap<>();
    for (List<ObserveRequest> group : byFilesystem(requests)) {
      observeGroup(group, found);
    }
    return requests.stream().map(request -> found.get(request.root())).toList();
  }

  private List<List<ObserveRequest>> byFilesystem(List<ObserveRequest> requests) throws InterruptedException {
    List<BtrfsLayout> layouts =
        host.currentLayouts(requests.stream().map(ObserveRequest::root).toList(), runner);
    Map<String, List<ObserveRequest>> groups = new LinkedHashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      groups.computeIfAbsent(layouts.get(i).mount().device(), d -> new ArrayList<>()).add(requests.get(i));
    }
    return List.copyOf(groups.values());
  }

  private void observeGroup(List<ObserveRequest> group, Map<FilesystemName, Observation> found) throws InterruptedException {
    List<BtrfsLayout> layouts = host.layouts(group.stream().map(ObserveRequest::root).toList(), runner);
    boolean flush = group.stream().anyMatch(ObserveRequest::flush);
    BtrfsHost.Look look = host.look(layouts, flush, runner);
    Map<String, Instant> times = host.times(look.views(), runner);
    for (int i = 0; i < group.size(); i++) {
      View view = look.views().get(i);
      if (view.at(view.layout().path()).isEmpty()) {
        host.requireAbsent(view.layout(), runner);
        host.doubt(view.layout().root());
      }
      found.put(group.get(i).root(), observation(group.get(i), view, look.directory(), times));
    }
  }

  private Observation observation(
      ObserveRequest request, View view, SnapshotDirectory directory, Map<String, Instant> times)
      throws InterruptedException {
    BtrfsLayout layout = view.layout();
    Map<String, List<View.Entry>> identical = new HashMap<>();
    for (Map.Entry<String, Subvolume> member : view.live().entrySet()) {
      if (request.recursive() || member.getKey().isEmpty()) {
        identical.put(member.getKey(), comparison.identical(view, member.getValue(), request.flush(), runner));
      }
    }
    List<ObservedFilesystem> members = new Observer(view, times, identical).members(request.recursive());
    Map<String, String> states = new HashMap<>(directory.states(layout));
    states.keySet().retainAll(request.pairs());
    boolean prepared = directory.directories().contains(layout.leafDirectory());
    return new Observation(request.root(), members, "", states, prepared, Optional.empty());
  }

  // ------------------------------------------------------------------ steps

  @Override
  public List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    if (step instanceof SyncStep.RenameSnapshot rename) {
      return Steps.rename(host.layout(root, runner), rename);
    } else if (step instanceof SyncStep.SetProperty property) {
      return Steps.setProperty(host.layout(root, runner), property);
    }
    return commands(host.lastKnown(root, runner), step);
  }

  private List<Command> commands(View view, SyncStep step) throws InterruptedException {
    if (step instanceof SyncStep.InstallCopy install) {
      return installer(runner).commands(view, install.name(), install.members(), fate(install));
    } else if (step instanceof SyncStep.CheckUnmodified) {
      return checkCommands(view);
    } else if (step instanceof SyncStep.RollBack back) {
      return installer(runner).commands(view, back.to(), members(view, back.to(), back.member()), new Fate.Discard());
    } else if (step instanceof SyncStep.KeepAside aside) {
      return keepAsideCommands(view, aside);
    }
    return plainCommands(view, step);
  }

  private List<Command> plainCommands(View view, SyncStep step) {
    if (step instanceof SyncStep.Prepare prepare) {
      if (prepare.side() == Side.TARGET) {
        CopyInstaller.requireExchangeable(view.layout(), runner.host());
      }
      return Steps.prepare(view);
    } else if (step instanceof SyncStep.CreateSnapshot create) {
      return Steps.createSnapshots(List.of(view), List.of(create));
    } else if (step instanceof SyncStep.DestroySnapshot destroy) {
      return Steps.destroy(view, destroy);
    } else if (step instanceof SyncStep.AbortReceive abort) {
      return Steps.abort(view, abort);
    }
    throw Steps.unsupported(runner.host(), step);
  }

  @Override
  public void perform(FilesystemName root, SyncStep step, CommandRunner through) throws InterruptedException {
    CopyInstaller installer = installer(through);
    if (step instanceof SyncStep.InstallCopy install) {
      installer.install(root, install.name(), install.members(), fate(install));
    } else if (step instanceof SyncStep.CheckUnmodified check) {
      checkUnmodified(root, check, installer, through);
    } else if (step instanceof SyncStep.RollBack back) {
      View view = host.lastSeen(root, through);
      installer.install(root, back.to(), members(view, back.to(), back.member()), new Fate.Discard());
    } else if (step instanceof SyncStep.KeepAside aside) {
      keepAside(root, aside, installer, through);
    } else {
      performPlain(root, step, through);
    }
  }

  private void performPlain(FilesystemName root, SyncStep step, CommandRunner through) throws InterruptedException {
    boolean simple = step instanceof SyncStep.RenameSnapshot || step instanceof SyncStep.SetProperty;
    List<Command> commands = simple ? commands(root, step) : commands(host.lastSeen(root, through), step);
    host.forgetView(root); // whatever becomes of them
    try {
      host.runAll(commands, through);
    } catch (AlreadyExistsException e) {
      List<Command> rest = step instanceof SyncStep.Prepare ? commands(host.lastSeen(root, through), step) : commands;
      if (rest.equals(commands)) {
        throw e;
      }
      host.runAll(rest, through); // another pair prepares the same place
    }
  }

  private CopyInstaller installer(CommandRunner through) {
    return new CopyInstaller(host, options, exchange, through);
  }

  private static Fate fate(SyncStep.InstallCopy install) {
    return install.replaces().isPresent() ? new Fate.DiscardUnchanged() : new Fate.Discard();
  }

  /** All that has a snapshot of that name: a tree of copies is only ever replaced as a whole. */
  private static List<String> members(View view, String name, String member) {
    List<String> members = view.set(name).stream().map(View.Entry::path).sorted().toList();
    return members.isEmpty() ? List.of(member) : members;
  }

  private List<Command> checkCommands(View view) {
    List<Command> commands = new ArrayList<>();
    commands.add(BtrfsCommands.flush(view.layout().mount().point()));
    commands.add(BtrfsCommands.list(view.layout().mount().point()));
    commands.addAll(new CopyCheck(host, runner).commands(view, view.layout().path()));
    return commands;
  }

  private void checkUnmodified(
      FilesystemName root, SyncStep.CheckUnmodified step, CopyInstaller installer, CommandRunner through)
      throws InterruptedException {
    View view = host.look(root, true, through);
    CopyCheck.Result result = new CopyCheck(host, through).check(view, view.layout().path());
    host.forgetView(root);
    if (result.change().isPresent()) {
      String aside =
          view.layout().aside(step.asideName().orElseThrow(() -> installer.diverged(view.layout(), result.change().get())));
      installer.install(root, step.name(), members(view, step.name(), ""), new Fate.Keep(aside));
    }
  }

  private List<Command> keepAsideCommands(View view, SyncStep.KeepAside step) throws InterruptedException {
    String aside = aside(view.layout(), step);
    if (step.base().isPresent()) {
      String name = step.base().get().name();
      return installer(runner).commands(view, name, members(view, name, step.member()), new Fate.Keep(aside));
    }
    boolean there = view.live().containsKey(step.member());
    return there ? List.of(BtrfsCommands.rename(view.layout().live(step.member()), aside)) : List.of();
  }

  private void keepAside(FilesystemName root, SyncStep.KeepAside step, CopyInstaller installer, CommandRunner through)
      throws InterruptedException {
    View view = host.lastSeen(root, through);
    if (step.base().isPresent()) {
      String name = step.base().get().name();
      installer.install(root, name, members(view, name, step.member()), new Fate.Keep(aside(view.layout(), step)));
    } else {
      host.runAll(keepAsideCommands(view, step), through);
      host.forgetView(root);
    }
  }

  private static String aside(BtrfsLayout layout, SyncStep.KeepAside step) {
    boolean whole = step.base().isPresent() || step.member().isEmpty();
    return layout.aside(whole ? step.asideName() : step.asideName() + "-" + step.member());
  }

  @Override
  public List<Command> groupSnapshot(List<RootedStep> steps) throws InterruptedException {
    List<View> views = new ArrayList<>();
    for (RootedStep step : steps) {
      views.add(host.lastSeen(step.root(), runner));
    }
    return Steps.createSnapshots(views, steps.stream().map(RootedStep::step).toList());
  }

  // ------------------------------------------------------------------ streams

  /**
   * {@inheritDoc}
   *
   * <p>One stream for all that have no base; one for all whose base is a snapshot of the same subvolume, which btrfs-send(8)
   * then finds by itself; and one for each other.
   */
  @Override
  public List<Send> streams(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates) {
    List<MemberSend> full = new ArrayList<>();
    List<MemberSend> related = new ArrayList<>();
    List<Send> sends = new ArrayList<>();
    for (MemberSend member : members) {
      if (member.base().isEmpty()) {
        full.add(member);
      } else if (isRelated(source, member)) {
        related.add(member);
      } else {
        sends.add(send(List.of(member)));
      }
    }
    if (!related.isEmpty()) {
      sends.add(0, send(related));
    }
    if (!full.isEmpty()) {
      sends.add(send(full));
    }
    return sends;
  }

  private static Send send(List<MemberSend> members) {
    return new Send(members, false, false, Optional.empty());
  }

  /** Whether the base was taken here of the very subvolume that is sent now: known by the absence of a mark of reception. */
  private boolean isRelated(Observation source, MemberSend member) {
    Optional<View> view = host.known(source.root());
    return view.isPresent()
        && source.member(member.path()).stream()
            .flatMap(m -> m.versions().stream())
            .filter(version -> version.id().equals(member.base().orElseThrow().id()))
            .anyMatch(version -> isOwn(view.get(), member.path(), version));
  }

  private static boolean isOwn(View view, String member, Version version) {
    Subvolume live = view.live().get(member);
    return live != null
        && view.entries().stream()
            .anyMatch(e -> e.subvolume().uuid().equals(version.id().value()) && e.subvolume().isSnapshotOf(live));
  }

  @Override
  public Command send(FilesystemName root, Send send) throws InterruptedException {
    View view = host.lastSeen(root, runner);
    List<String> bases = send.members().stream().flatMap(m -> m.base().stream()).map(base -> pathOf(view, base)).toList();
    List<String> snapshots =
        send.members().stream().map(m -> Steps.pathOf(view, m.snapshot(), m.path())).toList();
    boolean single = bases.size() == 1 && snapshots.size() == 1;
    return BtrfsCommands.send(flags(), single ? bases : List.of(), single ? List.of() : bases, snapshots);
  }

  private static String pathOf(View view, Base base) {
    return view.layout().snapshot(base.name(), base.path());
  }

  private List<String> flags() {
    return options.stream() == BtrfsOptions.Stream.VERSION_1 ? List.of() : List.of("--proto", "2", "--compressed-data");
  }

  @Override
  public Command receive(FilesystemName root, Send send) throws InterruptedException {
    BtrfsLayout layout = host.layout(root, runner);
    CopyInstaller.requireExchangeable(layout, runner.host());
    return BtrfsCommands.receive(layout.set(send.members().get(0).snapshot()));
  }

  /** Nothing: what was received is made sure to be read-only before a copy of it is installed. */
  @Override
  public List<Command> afterReceive(FilesystemName root, Send send) {
    host.forgetView(root); // it holds more now
    return List.of();
  }

  /** Empty: btrfs tells the size of a stream only by making it. */
  @Override
  public Optional<Long> estimate(FilesystemName root, Send send) {
    return Optional.empty();
  }

  @Override
  public List<Command> record(FilesystemName root, String pair, String text) throws InterruptedException {
    String file = host.layout(root, runner).stateFile(pair);
    String fresh = file + ".new";
    return List.of(BtrfsCommands.write(fresh).withInput(text + "\n"), BtrfsCommands.rename(fresh, file));
  }

  /** {@code btrfs property get}, btrfs-property(8): {@code ro}, {@code compression}, {@code label}. */
  @Override
  public Optional<String> property(FilesystemName root, String property) throws InterruptedException {
    String path = host.layout(root, runner).path();
    String line = host.output(BtrfsCommands.getProperty(path, property), runner).strip();
    return line.startsWith(property + "=") ? Optional.of(line.substring(property.length() + 1)) : Optional.empty();
  }

  @Override
  public ReplicationException failure(Command command, CommandResult result) {
    return BtrfsErrors.of(runner.host(), command, result);
  }
}
