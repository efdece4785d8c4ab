package io.replication4j.zfs;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReadOnlyException;
import io.replication4j.ReplicationException;
import io.replication4j.TargetModifiedException;
import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandResult;
import io.replication4j.spi.Failures;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From what zfs(8) and zpool(8) say on standard error to a typed exception. The first rule that
 * matches a line decides.
 */
final class ZfsErrors {

  private static final Pattern ABSENT =
      Pattern.compile("cannot open '(.+)': dataset does not exist");

  private static final Pattern NO_POOL = Pattern.compile("cannot open '.+': no such pool");

  private static final String ROLL_BACK_OR_KEEP =
      "roll the target back, or keep it aside: onDivergence";
  private static final String PLAN_AGAIN = "look and plan again";
  private static final String RUN_AGAIN = "run the sync again";
  private static final String ELSEWHERE = "name another target, or move that dataset away";
  private static final String PRIVILEGE =
      "configure a privilege prefix, or delegate with zfs allow(8)";
  private static final String OLD = "that host's ZFS is too old for it";

  /**
   * Ordered: what names a cause more exactly comes first. A pattern must match a whole line of
   * standard error.
   */
  private static final List<Rule> RULES =
      List.of(
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4; the sentence goes on in the next line
          rule(
              "cannot receive.*: destination .+ has been modified",
              ROLL_BACK_OR_KEEP,
              ZfsErrors::modified),
          rule(
              "cannot receive.*: most recent snapshot of .+ does not",
              ROLL_BACK_OR_KEEP,
              ZfsErrors::modified),
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule("cannot receive.*: destination '.+' exists", ELSEWHERE, ZfsErrors::exists),
          rule(
              "cannot receive.*: destination has snapshots \\(eg\\. .+\\)",
              ELSEWHERE,
              ZfsErrors::exists),
          // zfs receive: OpenZFS 0.8 to 2.4
          rule(
              "cannot receive.*: destination .+ contains partially-complete state from \"zfs receive -s\"\\.",
              PLAN_AGAIN,
              ZfsErrors::busy),
          rule("cannot resume recv .+", PLAN_AGAIN, ZfsErrors::busy),
          // zfs send -t: OpenZFS 0.8 to 2.4; the token is of no use any more
          rule("cannot resume send: .+", PLAN_AGAIN, ZfsErrors::incomplete),
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4; pool features and versions, before
          // "invalid stream"
          rule(
              "cannot receive.*: (pool|kernel modules) must be upgraded to receive this stream\\.",
              "upgrade the target's pool, or send without the feature",
              ZfsErrors::unsupported),
          rule(
              "cannot receive.*: (stream has (unsupported|deprecated) feature|stream is unsupported version).*",
              OLD,
              ZfsErrors::unsupported),
          rule(
              "cannot receive.*: incremental send stream requires -L.*",
              "send with largeBlocks, as before",
              ZfsErrors::unsupported),
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4; the stream ended early, or is none
          rule(
              "cannot receive.*: (failed to read from stream|invalid backup stream|incomplete stream)",
              RUN_AGAIN,
              ZfsErrors::incomplete),
          rule(
              "cannot receive.*: (checksum mismatch|incorrect header checksum|invalid stream).*",
              RUN_AGAIN,
              ZfsErrors::incomplete),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule("cannot .+: permission denied", PRIVILEGE, ZfsErrors::denied),
          // libzfs_init: zfs-linux 0.6 to 2.4
          rule(
              "Permission denied the ZFS utilities must be run as root\\.",
              PRIVILEGE,
              ZfsErrors::denied),
          rule("Unable to open /dev/zfs: Permission denied\\.?", PRIVILEGE, ZfsErrors::denied),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule(
              "cannot .+: (out of space|.+ space quota exceeded\\.|disk quota exceeded)",
              "make room there, or raise the quota",
              ZfsErrors::noSpace),
          rule("cannot .+: No space left on device", "make room there", ZfsErrors::noSpace),
          // any verb: zfs-fuse 0.7 ("dataset"), OpenZFS 0.8 to 2.4
          rule(
              "cannot .+: (pool|dataset) is read-only",
              "the pool is imported read-only there",
              ZfsErrors::readOnly),
          rule(
              "cannot .+: [Rr]ead-only file ?system",
              "the filesystem of its mount point is read-only",
              ZfsErrors::readOnly),
          // zfs destroy: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule(
              "cannot .+: (snapshot|filesystem|volume) has dependent clones",
              "promote or destroy the clones",
              ZfsErrors::busy),
          // zfs destroy: OpenZFS 2.3 and 2.4; before: "dataset is busy"
          rule("cannot .+: it's being held\\..*", "see zfs holds(8) there", ZfsErrors::busy),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule(
              "cannot .+: (dataset|pool or dataset|target) is busy.*",
              "see zfs holds(8), open files and mounts there, and run it again",
              ZfsErrors::busy),
          // zfs snapshot, create, clone, rename, bookmark, hold: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule(
              "cannot .+: (dataset|pool or dataset|snapshot|bookmark|tag|destination) (already )?exists.*",
              PLAN_AGAIN,
              ZfsErrors::exists),
          rule(
              "cannot rename .+: a child dataset already has a snapshot with the new name",
              PLAN_AGAIN,
              ZfsErrors::exists),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule(
              "cannot .+: (dataset|parent|destination '.+'|snapshot .+|incremental source .+) does not exist",
              PLAN_AGAIN,
              ZfsErrors::missing),
          rule(
              "cannot .+: no such (pool|pool or dataset|pool '.+'|tag on this dataset)",
              PLAN_AGAIN,
              ZfsErrors::missing),
          // zfs send: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule(
              "warning: cannot send '.+': incremental source \\(.+\\) does not exist",
              PLAN_AGAIN,
              ZfsErrors::missing),
          // zfs send: zfs-fuse 0.7
          rule("WARNING: could not send .+: does not exist", PLAN_AGAIN, ZfsErrors::missing),
          // zfs destroy of snapshots: OpenZFS 0.8 to 2.4
          rule(
              "could not find any snapshots to destroy; check snapshot names\\.",
              PLAN_AGAIN,
              ZfsErrors::missing),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          rule(
              "cannot .+: (operation not supported.*|unsupported version.*)",
              OLD,
              ZfsErrors::unsupported),
          rule("unrecognized command '.+'", OLD, ZfsErrors::unsupported),
          rule("invalid option '.+'", OLD, ZfsErrors::unsupported),
          // libzfs_init: zfs-linux 0.6 to 2.4
          rule(
              "The ZFS modules (are not loaded|cannot be auto-loaded)\\.",
              "load them: modprobe zfs",
              ZfsErrors::unsupported),
          // zfs-fuse 0.7
          rule(
              "Please make sure that the zfs-fuse daemon is running\\.",
              "start it",
              ZfsErrors::unsupported));

  private ZfsErrors() {}

  private record Rule(Pattern pattern, String advice, Function<String, ReplicationException> type) {

    Optional<ReplicationException> apply(String stderr, String message) {
      return stderr.lines().map(String::strip).anyMatch(line -> pattern.matcher(line).matches())
          ? Optional.of(type.apply(message + " (" + advice + ")"))
          : Optional.empty();
    }
  }

  private static Rule rule(
      String line, String advice, Function<String, ReplicationException> type) {
    return new Rule(Pattern.compile(line), advice, type);
  }

  /** What a command's failure means. */
  static ReplicationException failure(String host, Command command, CommandResult result) {
    String message = Failures.message(host, command, result);
    return RULES.stream()
        .map(rule -> rule.apply(result.errorTail(), message))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(() -> new CommandFailedException(message, result.exitStatus()));
  }

  /**
   * The dataset that the line says does not exist. The same words in zfs-fuse 0.7 and OpenZFS 0.8
   * to 2.4.
   */
  static Optional<String> absent(String line) {
    Matcher matcher = ABSENT.matcher(line);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /**
   * The pool that was to be flushed is not there: what is asked of its datasets will show. zfs-fuse
   * 0.7, OpenZFS 0.8 to 2.4.
   */
  static boolean isNoPool(String line) {
    return NO_POOL.matcher(line).matches() || absent(line).isPresent();
  }

  private static ReplicationException modified(String message) {
    return new TargetModifiedException(message, null);
  }

  private static ReplicationException exists(String message) {
    return new AlreadyExistsException(message, null);
  }

  private static ReplicationException missing(String message) {
    return new NotFoundException(message, null);
  }

  private static ReplicationException denied(String message) {
    return new PermissionDeniedException(message, null);
  }

  private static ReplicationException noSpace(String message) {
    return new NoSpaceException(message, null);
  }

  private static ReplicationException readOnly(String message) {
    return new ReadOnlyException(message, null);
  }

  private static ReplicationException busy(String message) {
    return new BusyException(message, null);
  }

  private static ReplicationException incomplete(String message) {
    return new IncompleteTransferException(message, null);
  }

  private static ReplicationException unsupported(String message) {
    return new UnsupportedException(message, null);
  }
}
