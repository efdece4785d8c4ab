package io.replication4j.spi;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * One kind of storage on one host: what a backend author implements. Turns steps into commands, and
 * output into values; decides nothing. Thread-safe. What a host can do is probed once, at the first
 * call that has to know, and kept.
 *
 * <p>Every path in a step is relative to {@code root}, the filesystem of the pair on this host.
 */
public interface StorageBackend {

  /** {@code zfs}, {@code btrfs}, {@code lvm}, {@code file}. */
  String scheme();

  /**
   * What the streams are in that it sends or receives: storage of two kinds can be a pair if both
   * name the same. Here: a format of its own, called after the {@link #scheme}.
   */
  default String streamFormat() {
    return scheme();
  }

  /** The host that this backend speaks of. */
  CommandRunner runner();

  BackendFeatures features();

  /**
   * The stream flags that this backend sends with and that may never change within one lineage, by
   * name; empty if there are none.
   */
  Map<String, String> lineage();

  /**
   * Looks at the filesystems, in order of the requests; all of them at once: the number of commands
   * depends on the number of pools, not of requests or filesystems. A filesystem that does not
   * exist gives {@link Observation#absent}; whatever keeps that from being certain is an exception.
   * Changes nothing.
   *
   * @throws io.replication4j.WrongStorageException if the place exists and is not of this kind
   * @throws io.replication4j.UnexpectedOutputException if any of the output cannot be read; none of
   *     it is used
   * @throws io.replication4j.command.CommandNotFoundException if the tool is not there
   * @throws io.replication4j.PermissionDeniedException if it may not look
   */
  List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException;

  /**
   * Checks that {@code root} is a name this backend can use at all.
   *
   * @throws IllegalArgumentException if not
   */
  void requireValid(FilesystemName root);

  /**
   * Checks that what stands at {@code root}, which was observed, is no obstacle by its very place:
   * part of every plan that has it as the target. Here: it never is.
   *
   * @throws ReplicationException if it can be a source, but not a target
   */
  default void requireTarget(FilesystemName root) throws InterruptedException {}

  /**
   * What to do with what stands at {@code root}, which was observed, because {@code KeepAside}
   * cannot move it: a sentence for people. Here: empty, it can.
   */
  default Optional<String> immovable(FilesystemName root) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * Properties that {@code root}, which exists and was no target until now, is to have from its
   * first sync as one on, so that it stays what was sent: what was a source is still in use. Set on
   * {@code root}, before anything else is done to it. Here: none.
   *
   * @param recursive whether what is below it belongs to the pair too
   */
  default Map<String, String> replicaProperties(FilesystemName root, boolean recursive)
      throws InterruptedException {
    return Map.of();
  }

  /**
   * Checks that {@code root} can be sent at all: part of every plan that has it as the source. Asks
   * nothing. Here: it can.
   *
   * @throws io.replication4j.UnsupportedException if it can be a target only
   */
  default void requireSource(FilesystemName root) {}

  /**
   * The exact commands of {@link #perform}, in order. Not for {@link Send} and {@code RecordState}.
   */
  List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException;

  /**
   * Runs a step on this host by {@code runner} (this backend's own, or one that records what it
   * runs). Not for {@link Send} and {@code RecordState}.
   *
   * @throws io.replication4j.DivergedException if {@code CheckUnmodified} or {@code InstallCopy}
   *     finds changes that may not be lost, or the latter a stranger in a place that should be
   *     empty
   */
  default void perform(FilesystemName root, SyncStep step, CommandRunner runner)
      throws InterruptedException {
    runAllOrFail(commands(root, step), runner);
  }

  /**
   * Runs the commands in order, together where the runner can; the failure of the first that fails
   * becomes this backend's typed exception. Their results, in order.
   */
  default List<CommandResult> runAllOrFail(List<Command> commands, CommandRunner runner)
      throws InterruptedException {
    List<CommandResult> results = runner.runAll(commands);
    for (int i = 0; i < results.size(); i++) {
      if (!results.get(i).succeeded()) {
        throw failure(commands.get(i), results.get(i));
      }
    }
    return results;
  }

  /** Runs the command; its failure becomes this backend's typed exception. */
  default CommandResult runOrFail(Command command, CommandRunner runner)
      throws InterruptedException {
    CommandResult result = runner.run(command);
    if (!result.succeeded()) {
      throw failure(command, result);
    }
    return result;
  }

  /**
   * Several snapshot steps as few commands: what a group takes together. ZFS takes all that are in
   * one pool atomically where it can.
   *
   * @param steps the step of each root; the same root may come more than once with different names
   */
  List<Command> groupSnapshot(List<RootedStep> steps) throws InterruptedException;

  /** A snapshot step with the filesystem that it is for. */
  record RootedStep(FilesystemName root, SyncStep.CreateSnapshot step) {}

  /**
   * Arranges what must be sent in as few streams as this backend can, parents first. Pure.
   *
   * @param source the source as it will be when the streams start
   * @param target the target as it will be then
   * @param members what must be sent
   * @param intermediates whether snapshots between base and new one travel too
   */
  List<Send> streams(
      Observation source, Observation target, List<MemberSend> members, boolean intermediates)
      throws InterruptedException;

  /** As {@link #streams}, for {@code receiver}. Here: the same for every receiver. */
  default List<Send> streams(
      Observation source,
      Observation target,
      List<MemberSend> members,
      boolean intermediates,
      StorageBackend receiver)
      throws InterruptedException {
    return streams(source, target, members, intermediates);
  }

  /** The command that writes the stream to standard output, on the source. */
  Command send(FilesystemName root, Send send) throws InterruptedException;

  /**
   * As {@link #send(FilesystemName, Send)}, in the best format that {@code receiver} reads too.
   * Here: the same for every receiver.
   */
  default Command send(FilesystemName root, Send send, StorageBackend receiver)
      throws InterruptedException {
    return send(root, send);
  }

  /**
   * The command that reads the stream from standard input, on the target. Never forces anything.
   */
  Command receive(FilesystemName root, Send send) throws InterruptedException;

  /**
   * The command that brings to disk what has been received so far, and may run while more arrives.
   * Here: none, the storage sees to it by itself.
   */
  default Optional<Command> flush(FilesystemName root) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * Starts {@code sending}, which {@link #send} gave: the result's standard output is the stream.
   * Here: what the command prints. A backend whose host has no program that makes the stream makes
   * it from what the command prints, on a thread that ends with the result.
   *
   * @param length hears, once and on any thread, how many bytes the stream has, if that is known
   *     when it begins; it takes the place of {@link #estimate}
   */
  default RunningCommand startSend(
      FilesystemName root, Send send, Command sending, LongConsumer length)
      throws InterruptedException {
    return runner().start(sending);
  }

  /**
   * Collects the blocks of a member that is sent as what differs ({@link MemberSend#compared}), and
   * then starts their stream. Here: not possible.
   *
   * @param sending what {@link #send} gave
   */
  default DifferingBlocks differing(FilesystemName root, Send send, Command sending) {
    throw new UnsupportedException(
        scheme() + " storage is not compared block by block; send everything", null);
  }

  /**
   * Starts {@code receiving}, which {@link #receive} gave: the result's standard input takes the
   * stream, from its beginning. Here: the command's own.
   *
   * @param found hears, again and again, how many more bytes of the stream were not moved, because
   *     the target had kept them ({@link PartialReceive#kept}); on the thread that writes the
   *     stream
   */
  default RunningCommand startReceive(
      FilesystemName root, Send send, Command receiving, LongConsumer found)
      throws InterruptedException {
    return runner().start(receiving);
  }

  /**
   * Checks that streams are what {@link #send} prints, or what {@link #receive} reads, so that one
   * host can send them to another without this JVM: part of every plan with {@code Route.DIRECT},
   * and of its execution. Asks nothing. Here: they are.
   *
   * @param side what this backend is of the pair
   * @throws UnsupportedException if not; it says what to do
   */
  default void requireDirect(Side side) {}

  /**
   * What remains to be done on the target right after the stream was received, for a plan; often
   * nothing.
   */
  List<Command> afterReceive(FilesystemName root, Send send) throws InterruptedException;

  /**
   * Does, by {@code runner}, what {@link #afterReceive} says. It may look before.
   *
   * @throws io.replication4j.DivergedException if the target was changed while it was received to
   */
  default void finishReceive(FilesystemName root, Send send, CommandRunner runner)
      throws InterruptedException {
    runAllOrFail(afterReceive(root, send), runner);
  }

  /**
   * How many bytes the stream will have, about or at most; empty where asking costs as much as
   * sending, or where it is known when the stream begins.
   */
  Optional<Long> estimate(FilesystemName root, Send send) throws InterruptedException;

  /**
   * Where the bytes of a version of {@code root} can be read, or with an empty {@code version} of
   * what stands there now: for a comparison block by block. Looks anew. Here: empty, a filesystem
   * is files.
   *
   * @throws io.replication4j.NotFoundException if there is no such version, or nothing stands there
   */
  default Optional<BlockDevice> blocks(FilesystemName root, Optional<VersionId> version)
      throws InterruptedException {
    return Optional.empty();
  }

  /**
   * The command that answers the questions of {@link Digests} about {@code path}, a block device or
   * plain file on this host: {@link DigestCommand#of} where it has the coreutils. Here: not
   * possible.
   */
  default Command digests(String path) {
    throw new UnsupportedException(scheme() + " storage is not read block by block", null);
  }

  /** The commands that store {@code text} (one line) as the record of {@code pair}, atomically. */
  List<Command> record(FilesystemName root, String pair, String text) throws InterruptedException;

  /** The value of a property of {@code root} as the tool prints it; empty if it is not set. */
  Optional<String> property(FilesystemName root, String property) throws InterruptedException;

  /** The typed exception for a command of this backend that ended with a status other than 0. */
  ReplicationException failure(Command command, CommandResult result);
}
