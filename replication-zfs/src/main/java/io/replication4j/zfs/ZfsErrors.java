package io.replication4j.zfs;

import static io.replication4j.spi.FailureRule.line;

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
import io.replication4j.command.CommandResult;
import io.replication4j.spi.FailureRule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What it means when zfs(8) or zpool(8) failed. */
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

  /** Ordered: what names a cause more exactly comes first. */
  private static final List<FailureRule> RULES =
      List.of(
          FailureRule.missing("the ZFS utilities (zfsutils-linux)"),
          FailureRule.SUDO,
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4; the sentence goes on in the next line
          line(
              "cannot receive.*: destination .+ has been modified",
              ROLL_BACK_OR_KEEP,
              TargetModifiedException::new),
          line(
              "cannot receive.*: most recent snapshot of .+ does not",
              ROLL_BACK_OR_KEEP,
              TargetModifiedException::new),
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line("cannot receive.*: destination '.+' exists", ELSEWHERE, AlreadyExistsException::new),
          line(
              "cannot receive.*: destination has snapshots \\(eg\\. .+\\)",
              ELSEWHERE,
              AlreadyExistsException::new),
          // zfs receive: OpenZFS 0.8 to 2.4
          line(
              "cannot receive.*: destination .+ contains partially-complete state from \"zfs receive -s\"\\.",
              PLAN_AGAIN,
              BusyException::new),
          line("cannot resume recv .+", PLAN_AGAIN, BusyException::new),
          // zfs send -t: OpenZFS 0.8 to 2.4; the token is of no use any more
          line("cannot resume send: .+", PLAN_AGAIN, IncompleteTransferException::new),
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4; pool features and versions, before
          // "invalid stream"
          line(
              "cannot receive.*: (pool|kernel modules) must be upgraded to receive this stream\\.",
              "upgrade the target's pool, or send without the feature",
              UnsupportedException::new),
          line(
              "cannot receive.*: (stream has (unsupported|deprecated) feature|stream is unsupported version).*",
              OLD,
              UnsupportedException::new),
          line(
              "cannot receive.*: incremental send stream requires -L.*",
              "send with largeBlocks, as before",
              UnsupportedException::new),
          // zfs receive: zfs-fuse 0.7, OpenZFS 0.8 to 2.4; the stream ended early, or is none
          line(
              "cannot receive.*: (failed to read from stream|invalid backup stream|incomplete stream)",
              RUN_AGAIN,
              IncompleteTransferException::new),
          line(
              "cannot receive.*: (checksum mismatch|incorrect header checksum|invalid stream).*",
              RUN_AGAIN,
              IncompleteTransferException::new),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line("cannot .+: permission denied", PRIVILEGE, PermissionDeniedException::new),
          // libzfs_init: zfs-linux 0.6 to 2.4
          line(
              "Permission denied the ZFS utilities must be run as root\\.",
              PRIVILEGE,
              PermissionDeniedException::new),
          line(
              "Unable to open /dev/zfs: Permission denied\\.?",
              PRIVILEGE,
              PermissionDeniedException::new),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line(
              "cannot .+: (out of space|.+ space quota exceeded\\.|disk quota exceeded)",
              "make room there, or raise the quota",
              NoSpaceException::new),
          line("cannot .+: No space left on device", "make room there", NoSpaceException::new),
          // any verb: zfs-fuse 0.7 ("dataset"), OpenZFS 0.8 to 2.4
          line(
              "cannot .+: (pool|dataset) is read-only",
              "the pool is imported read-only there",
              ReadOnlyException::new),
          line(
              "cannot .+: [Rr]ead-only file ?system",
              "the filesystem of its mount point is read-only",
              ReadOnlyException::new),
          // zfs destroy: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line(
              "cannot .+: (snapshot|filesystem|volume) has dependent clones",
              "promote or destroy the clones",
              BusyException::new),
          // zfs destroy: OpenZFS 2.3 and 2.4; before: "dataset is busy"
          line("cannot .+: it's being held\\..*", "see zfs holds(8) there", BusyException::new),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line(
              "cannot .+: (dataset|pool or dataset|target) is busy.*",
              "see zfs holds(8), open files and mounts there, and run it again",
              BusyException::new),
          // zfs snapshot, create, clone, rename, bookmark, hold: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line(
              "cannot .+: (dataset|pool or dataset|snapshot|bookmark|tag|destination) (already )?exists.*",
              PLAN_AGAIN,
              AlreadyExistsException::new),
          line(
              "cannot rename .+: a child dataset already has a snapshot with the new name",
              PLAN_AGAIN,
              AlreadyExistsException::new),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line(
              "cannot .+: (dataset|parent|destination '.+'|snapshot .+|incremental source .+) does not exist",
              PLAN_AGAIN,
              NotFoundException::new),
          line(
              "cannot .+: no such (pool|pool or dataset|pool '.+'|tag on this dataset)",
              PLAN_AGAIN,
              NotFoundException::new),
          // zfs send: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line(
              "warning: cannot send '.+': incremental source \\(.+\\) does not exist",
              PLAN_AGAIN,
              NotFoundException::new),
          // zfs send: zfs-fuse 0.7
          line("WARNING: could not send .+: does not exist", PLAN_AGAIN, NotFoundException::new),
          // zfs destroy of snapshots: OpenZFS 0.8 to 2.4
          line(
              "could not find any snapshots to destroy; check snapshot names\\.",
              PLAN_AGAIN,
              NotFoundException::new),
          // any verb: zfs-fuse 0.7, OpenZFS 0.8 to 2.4
          line(
              "cannot .+: (operation not supported.*|unsupported version.*)",
              OLD,
              UnsupportedException::new),
          line("unrecognized command '.+'", OLD, UnsupportedException::new),
          line("invalid option '.+'", OLD, UnsupportedException::new),
          // libzfs_init: zfs-linux 0.6 to 2.4
          line(
              "The ZFS modules (are not loaded|cannot be auto-loaded)\\.",
              "load them: modprobe zfs",
              UnsupportedException::new),
          // zfs-fuse 0.7
          line(
              "Please make sure that the zfs-fuse daemon is running\\.",
              "start it",
              UnsupportedException::new));

  private ZfsErrors() {}

  /** What a command's failure means. */
  static ReplicationException of(String host, Command command, CommandResult result) {
    return FailureRule.failure(RULES, host, command, result);
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
}
