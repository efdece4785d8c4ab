package io.replication4j.btrfs;

import static io.replication4j.spi.FailureRule.line;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReadOnlyException;
import io.replication4j.ReplicationException;
import io.replication4j.UnsupportedException;
import io.replication4j.WrongStorageException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.spi.FailureRule;
import java.util.List;

/**
 * What a failed command means. Texts: btrfs-progs 5.10 to 6.2, coreutils 8.32 to 9.1, Linux errno
 * texts in the C locale.
 */
final class BtrfsErrors {

  private static final List<FailureRule> RULES =
      List.of(
          FailureRule.missing("btrfs-progs, coreutils and findutils"),
          // errno texts at the end of any tool's line
          line(
              ".*: No space left on device",
              "free space there, or give the filesystem more",
              NoSpaceException::new),
          line(
              ".*: Disk quota exceeded",
              "raise the quota (btrfs qgroup limit), or free space",
              NoSpaceException::new),
          line(
              ".*: Read-only file system",
              "mount it read-write, or clear what made the subvolume read-only",
              ReadOnlyException::new),
          // btrfs receive 5.x and 6.x: the base is not there, or was made writable and lost its
          // mark
          line(
              "ERROR: cannot find parent subvolume",
              "the target does not hold the base any more: plan again",
              NotFoundException::new),
          // btrfs send with -c 5.x and 6.x
          line(
              "ERROR: parent determination failed for \\d+",
              "the base is no snapshot of the same subvolume: plan again",
              NotFoundException::new),
          // btrfs receive 4.x to 6.x: the stream ended early
          line(
              "ERROR: (?:short read from stream: .*|unexpected EOF in stream|empty stream is not considered valid)",
              "the stream ended early; the next sync sends it again",
              IncompleteTransferException::new),
          // our own
          line(
              "ERROR: the spool is not the stream that was sent",
              "what was kept of it has been removed; the next sync sends it whole",
              IncompleteTransferException::new),
          // our own
          line(
              "ERROR: another receiver is at work in .*",
              "one that outlived its sync ends with its connection: run again then ('pgrep -af"
                  + " receive' there shows it)",
              BusyException::new),
          // btrfs send 4.x to 6.x: the reader went away
          line(
              "ERROR: (?:send ioctl failed with -32: .*|failed to (?:read|dump) stream.*Broken pipe.*)",
              "the other side ended first; see its error",
              IncompleteTransferException::new),
          // btrfs subvolume list, send, receive 5.x and 6.x
          line(
              "ERROR: (?:not a btrfs filesystem: .*|.* doesn't belong to btrfs mount point)",
              "name a subvolume of a btrfs",
              WrongStorageException::new),
          // btrfs subvolume snapshot and delete 5.x and 6.x (sic, with that capital)
          line(
              "ERROR: (?:Not a Btrfs subvolume: .*|not a subvolume: .*|Could not sync filesystem: Inappropriate ioctl.*)",
              "name a subvolume of a btrfs",
              WrongStorageException::new),
          line(
              "(?:ERROR: )?.*: Operation not permitted",
              "run as root, or with a privilege prefix such as sudo -n",
              PermissionDeniedException::new),
          line(
              ".*: Permission denied",
              "run as root, or with a privilege prefix such as sudo -n",
              PermissionDeniedException::new),
          FailureRule.SUDO,
          line(
              "(?:ERROR: )?.*(?:: File exists|exists and it is not a directory|already exists: .*|: Directory not empty)",
              "something stands where this belongs: move it away",
              AlreadyExistsException::new),
          line(
              ".*: (?:Device or resource busy|Text file busy)",
              "find out who uses it (a mount point cannot be exchanged)",
              BusyException::new),
          line(
              ".*: No such file or directory",
              "it is gone, or a parent of it is: plan again",
              NotFoundException::new),
          // getopt of btrfs-progs before 5.0 (global -q), before 5.19 (--proto, --compressed-data)
          line(
              "btrfs.*: (?:unrecognized|invalid) option.*|.*: unknown token '-q'.*|Unknown token -q.*",
              "install btrfs-progs 5.10 or newer",
              UnsupportedException::new),
          // btrfs receive of a newer protocol
          line(
              "ERROR: [Ss]tream version \\d+ not supported.*",
              "send with BtrfsOptions.Stream.VERSION_1, or install a newer btrfs-progs",
              UnsupportedException::new));

  private BtrfsErrors() {}

  static ReplicationException of(String host, Command command, CommandResult result) {
    return FailureRule.failure(RULES, host, command, result);
  }
}
