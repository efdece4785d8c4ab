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

/** From what zfs(8) and zpool(8) say on standard error to a typed exception. The first rule that matches a line decides. */
final class ZfsErrors {

  private static final Pattern ABSENT = Pattern.compile("cannot open '(.+)': dataset does not exist");

  private static final Pattern NO_POOL = Pattern.compile("cannot open '.+': no such pool");

  private static final String CANNOT = "cannot .+";

  /** Ordered: what names a cause more exactly comes first. Each line of standard error is matched as a whole. */
  private static final List<Rule> RULES =
      List.of(
          // zfs-fuse 0.7: two lines; OpenZFS 0.8 to 2.4: the same two
          rule("cannot receive incremental stream: destination .+ has been modified",
              "roll the target back, or keep it aside: onDivergence", ZfsErrors::modified),
          // zfs-fuse 0.7 to OpenZFS 2.4
          rule("cannot receive incremental stream: most recent snapshot of .+ does not",
              "the target's newest snapshot is not the base; plan again", ZfsErrors::modified),
          // OpenZFS 2.0 to 2.4, a replication stream that would have to roll back
          rule("cannot receive .*: destination .+ has been modified.*",
              "roll the target back, or keep it aside: onDivergence", ZfsErrors::modified),
          // zfs-fuse 0.7 to OpenZFS 2.4: full streams
          rule("cannot receive new filesystem stream: destination '.+' exists",
              "name another target, or move that dataset away", ZfsErrors::exists),
          // OpenZFS 0.8 to 2.4
          rule("cannot receive new filesystem stream: destination has snapshots \\(eg\\. .+\\)",
              "name another target, or move that dataset away", ZfsErrors::exists),
          // OpenZFS 2.0 to 2.4: what was received in part stands in the way of another stream
          rule("cannot receive .*: destination .+ contains partially-complete state from \"zfs receive -s\"\\.",
              "plan again: it is resumed or aborted", ZfsErrors::busy),
          // OpenZFS 2.1 to 2.4
          rule("cannot (resume )?(receive|send).*: .*(resume token is corrupt|stream cannot be received).*",
              "plan again: the partly received stream is aborted", ZfsErrors::incomplete),
          // zfs-fuse 0.7 to OpenZFS 2.4: the stream ended early
          rule("cannot receive.*: (failed to read from stream|invalid backup stream|incomplete stream)",
              "run the sync again", ZfsErrors::incomplete),
          rule("cannot receive( resume)?.*: invalid stream \\((checksum mismatch|malformed packet|bad magic number)\\)",
              "run the sync again", ZfsErrors::incomplete),
          // OpenZFS 0.7 to 2.4, after "Partially received snapshot is saved."
          rule("cannot receive resume stream: checksum mismatch or incomplete stream\\.?",
              "run the sync again; it resumes", ZfsErrors::incomplete),
          rule("cannot receive.*: checksum mismatch or incomplete stream\\.?",
              "run the sync again; it resumes", ZfsErrors::incomplete),
          // OpenZFS 0.8 to 2.4: "cannot receive: permission denied"; also of send, snapshot, set ...
          rule(CANNOT + ": permission denied",
              "configure a privilege prefix, or delegate with zfs allow", ZfsErrors::denied),
          // zfs-linux 0.6 to 0.8, without access to /dev/zfs
          rule("Permission denied the ZFS utilities must be run as root\\.",
              "configure a privilege prefix", ZfsErrors::denied),
          // libzfs_init of zfs-linux when /dev/zfs cannot be opened
          rule("Unable to open /dev/zfs: Permission denied\\.?",
              "configure a privilege prefix", ZfsErrors::denied),
          rule(CANNOT + ": Insufficient privileges",
              "configure a privilege prefix, or delegate with zfs allow", ZfsErrors::denied),
          // zfs-fuse 0.7 to OpenZFS 2.4: ENOSPC and EDQUOT; receive says it in parentheses or after a colon
          rule("cannot .*(out of space|quota exceeded|space quota exceeded)\\.?",
              "make room on that pool or raise the quota", ZfsErrors::noSpace),
          rule("cannot .*No space left on device",
              "make room on that pool", ZfsErrors::noSpace),
          // OpenZFS 0.8 to 2.4
          rule("cannot .*: (destination )?.*space quota would be exceeded.*",
              "raise the quota", ZfsErrors::noSpace),
          // zfs-fuse 0.7 to OpenZFS 2.4: "pool I/O is currently suspended" is not read only, and stays untyped
          rule("cannot .*: (read-only file ?system|pool is read-only|Read-only file system|dataset is read-only)",
              "the pool is imported read-only there", ZfsErrors::readOnly),
          // zfs-fuse 0.7 to OpenZFS 2.4
          rule("cannot .*: (snapshot|filesystem|volume) has dependent clones",
              "promote or destroy the clones", ZfsErrors::busy),
          // zfs-fuse 0.7 to OpenZFS 2.3
          rule("cannot .*: (dataset|pool or dataset|snapshot|filesystem) is busy",
              "see zfs holds(8), open files and mounts there; run it again", ZfsErrors::busy),
          // OpenZFS 2.4
          rule("cannot destroy (snapshot )?'?.+'?: (it's being held.*|snapshot is held.*)",
              "see zfs holds NAME there", ZfsErrors::busy),
          rule("cannot (unmount|rename|destroy) .*: (pool or dataset is busy|Device busy|target is busy).*",
              "see open files and mounts there; run it again", ZfsErrors::busy),
          // all versions; a create, clone, rename or snapshot
          rule("cannot .*: (dataset|snapshot|bookmark|destination) already exists",
              "plan again", ZfsErrors::exists),
          rule("cannot .*: a child dataset already has a snapshot with the new name",
              "plan again", ZfsErrors::exists),
          rule("cannot bookmark '.+': bookmark '.+' exists", "plan again", ZfsErrors::exists),
          // all versions
          rule("cannot .*: (dataset|destination '.+'|parent|snapshot|no such pool '.+'|pool) ?(does not exist)?",
              "check the name and the host", ZfsErrors::missing),
          rule("cannot .*: (dataset does not exist|parent does not exist|no such pool.*|no such tag on this dataset)",
              "check the name and the host", ZfsErrors::missing),
          // zfs-fuse 0.7
          rule("WARNING: could not send .+: does not exist", "plan again", ZfsErrors::missing),
          // OpenZFS 0.8 to 2.4
          rule("(warning: )?cannot send '.+': incremental source \\(.+\\) does not exist", "plan again", ZfsErrors::missing),
          rule("warning: cannot send '.+': No such file or directory", "plan again", ZfsErrors::missing),
          rule("cannot send .+ recursively: snapshot .+ does not exist", "plan again", ZfsErrors::missing),
          // feature flags, pool versions: all versions
          rule("cannot .*: (operation not supported.*|pool must be upgraded.*|stream has unsupported feature.*|"
                  + "stream is unsupported version.*|unsupported version or feature|unsupported version)",
              "the other host's ZFS is newer than this one, or a pool feature is off", ZfsErrors::unsupported),
          rule("cannot receive.*: (.*must be upgraded to receive this stream.*|.*feature.* (is )?not (enabled|supported).*)",
              "enable the feature on that pool", ZfsErrors::unsupported),
          rule("unrecognized command '.+'", "that host's ZFS is too old", ZfsErrors::unsupported),
          rule("invalid option '.+'", "that host's ZFS is too old for an option that was asked for", ZfsErrors::unsupported),
          // libzfs_init: zfs-linux; zfs-fuse
          rule("The ZFS modules (are not loaded|cannot be auto-loaded)\\.", "load them: modprobe zfs", ZfsErrors::unsupported),
          rule("Please make sure that the zfs-fuse daemon is running\\.", "start it", ZfsErrors::unsupported));

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

  /** The dataset that the line says does not exist. The same words in zfs-fuse 0.7 and OpenZFS 0.8 to 2.4. */
  static Optional<String> absent(String line) {
    Matcher matcher = ABSENT.matcher(line);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The pool that was to be flushed is not there: what is asked of its datasets will show. zfs-fuse 0.7, OpenZFS 0.8 to 2.4. */
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
