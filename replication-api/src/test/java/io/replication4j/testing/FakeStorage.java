package io.replication4j.testing;

import static java.util.Objects.requireNonNull;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.DivergedException;
import io.replication4j.Endpoint;
import io.replication4j.FilesystemName;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import io.replication4j.ReplicationException;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.CheckUnmodified;
import io.replication4j.SyncStep.InstallCopy;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.TargetModifiedException;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.Failures;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Storage in memory, for tests of host applications: it behaves like ZFS or like btrfs, as its
 * {@link FakeHost} was made to, and speaks to it in commands of its own ({@code fake snapshot …})
 * through a {@link CommandRunner}, so that a {@link FaultyRunner} between the two can let go wrong
 * what goes wrong in the field. It refuses what real storage refuses. Thread-safe.
 */
public final class FakeStorage implements StorageBackend {

  private static final BackendFeatures ZFS_LIKE = new BackendFeatures(false, true, true);
  private static final BackendFeatures BTRFS_LIKE = new BackendFeatures(true, false, false);

  private final CommandRunner runner;
  private final BackendFeatures features;

  private FakeStorage(CommandRunner runner, BackendFeatures features) {
    this.runner = requireNonNull(runner, "runner");
    this.features = features;
  }

  /** The storage of {@code host}. */
  public static FakeStorage on(FakeHost host) {
    return on(host, host);
  }

  /** The storage of {@code host}, spoken to by {@code runner}. */
  public static FakeStorage on(FakeHost host, CommandRunner runner) {
    return new FakeStorage(runner, host.isBtrfsLike() ? BTRFS_LIKE : ZFS_LIKE);
  }

  @Override
  public String scheme() {
    return "fake";
  }

  @Override
  public CommandRunner runner() {
    return runner;
  }

  @Override
  public BackendFeatures features() {
    return features;
  }

  @Override
  public Map<String, String> lineage() {
    return Map.of();
  }

  @Override
  public void requireValid(FilesystemName root) {
    if (root.value().startsWith("/") != features.separateCopies()) {
      throw new IllegalArgumentException(
          "filesystem name must "
              + (features.separateCopies() ? "" : "not ")
              + "start with '/': '"
              + root
              + "'");
    }
    if (!features.separateCopies() && root.value().matches(".*[@#].*")) {
      throw new IllegalArgumentException("filesystem name holds '@' or '#': '" + root + "'");
    }
  }

  @Override
  public List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    List<String> words = new ArrayList<>(List.of("fake", "list"));
    for (ObserveRequest request : requests) {
      words.add(request.root().value());
      words.add(request.recursive() ? "-r" : "-");
    }
    Command list = Command.of(words);
    CommandResult result = runOrFail(list, runner);
    try {
      return FakeListing.parse(result.output(), requests);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new UnexpectedOutputException(
          list + " on " + runner.host() + " printed what cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public List<Command> commands(FilesystemName root, SyncStep step) {
    return List.of(new FakeWords(root, features).command(step));
  }

  @Override
  public void perform(FilesystemName root, SyncStep step, CommandRunner by)
      throws InterruptedException {
    for (Command command : commands(root, step)) {
      CommandResult result = by.run(command);
      if (result.exitStatus() == FakeSubvolumes.DIFFERS) {
        throw diverged(root, step, result.errorTail());
      }
      if (!result.succeeded()) {
        throw failure(command, result);
      }
    }
  }

  private DivergedException diverged(FilesystemName root, SyncStep step, String member) {
    String base =
        step instanceof CheckUnmodified check
            ? check.name()
            : ((InstallCopy) step).replaces().orElse(((InstallCopy) step).name());
    Endpoint target = new Endpoint(scheme(), runner.host(), root);
    return new DivergedException(
        new Conflict.Diverged(target, member, VersionId.of(base), List.of(), "its files differ"));
  }

  @Override
  public List<Command> groupSnapshot(List<RootedStep> steps) {
    List<Command> commands = new ArrayList<>();
    Map<Integer, List<List<String>>> byLength = new TreeMap<>();
    for (RootedStep rooted : steps) {
      List<String> words = commands(rooted.root(), rooted.step()).get(0).argv();
      byLength
          .computeIfAbsent(words.size(), n -> new ArrayList<>())
          .add(words.subList(2, words.size()));
    }
    byLength
        .values()
        .forEach(lists -> commands.add(Command.batch(List.of("fake", "snapshot"), lists)));
    return commands;
  }

  @Override
  public List<Send> streams(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates) {
    if (members.isEmpty()) {
      return List.of();
    }
    boolean some = intermediates && !features.separateCopies();
    if (features.separateCopies() || isWholeTree(source, target, members)) {
      return List.of(new Send(members, members.size() > 1, some, Optional.empty()));
    }
    return members.stream().map(m -> new Send(List.of(m), false, some, Optional.empty())).toList();
  }

  /**
   * A tree goes in one stream if it is all of the source, and every member goes on from where it
   * stands, or is new there.
   */
  private static boolean isWholeTree(
      Observation source, Observation target, List<MemberSend> members) {
    boolean uniform =
        members.stream()
            .allMatch(
                m ->
                    m.base()
                        .map(b -> !b.bookmark() && b.path().equals(m.path()))
                        .orElseGet(() -> target.member(m.path()).isEmpty()));
    boolean oneBase =
        members.stream().flatMap(m -> m.base().stream()).map(SyncStep.Base::name).distinct().count()
            <= 1;
    return members.size() == source.members().size() && uniform && oneBase;
  }

  @Override
  public Command send(FilesystemName root, Send send) {
    return sendWords("send", root, send);
  }

  private static Command sendWords(String verb, FilesystemName root, Send send) {
    List<String> words = new ArrayList<>(List.of("fake", verb, root.value()));
    words.add(send.intermediates() ? "-I" : "-");
    words.add(send.resumeToken().orElse("-"));
    send.members().forEach(member -> words.addAll(FakeSpec.words(member)));
    return Command.of(words);
  }

  @Override
  public Command receive(FilesystemName root, Send send) {
    return Command.of("fake", "receive", root.value());
  }

  @Override
  public List<Command> afterReceive(FilesystemName root, Send send) {
    return List.of();
  }

  @Override
  public Optional<Long> estimate(FilesystemName root, Send send) throws InterruptedException {
    if (features.separateCopies()) {
      return Optional.empty();
    }
    CommandResult result = runOrFail(sendWords("estimate", root, send), runner);
    return Optional.of(Long.parseLong(result.output()));
  }

  @Override
  public List<Command> record(FilesystemName root, String pair, String text) {
    return List.of(Command.of("fake", "record", root.value(), pair, text));
  }

  @Override
  public Optional<String> property(FilesystemName root, String property)
      throws InterruptedException {
    CommandResult result = runOrFail(Command.of("fake", "get", root.value(), property), runner);
    return result.output().isEmpty()
        ? Optional.empty()
        : Optional.of(FakeRow.parse(result.output()).field(0));
  }

  @Override
  public ReplicationException failure(Command command, CommandResult result) {
    String message = Failures.message(runner.host(), command, result);
    return switch (result.exitStatus()) {
      case FakeFailure.NOT_FOUND -> new NotFoundException(message, null);
      case FakeFailure.EXISTS -> new AlreadyExistsException(message, null);
      case FakeFailure.MODIFIED -> new TargetModifiedException(message, null);
      case FakeFailure.BUSY -> new BusyException(message, null);
      case FakeFailure.NO_SPACE -> new NoSpaceException(message, null);
      case FakeFailure.INCOMPLETE -> new IncompleteTransferException(message, null);
      default -> new CommandFailedException(message, result.exitStatus());
    };
  }

  static UnsupportedException unsupported(SyncStep step) {
    return new UnsupportedException("this fake storage cannot do " + step, null);
  }
}
