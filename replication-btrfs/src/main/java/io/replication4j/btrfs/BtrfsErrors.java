package io.replication4j.btrfs;

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
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import io.replication4j.spi.Failures;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What a failed command means. Each pattern matches one whole line of standard error; the first
 * rule that matches any line decides. Texts: btrfs-progs 5.10 to 6.2, coreutils 8.32 to 9.1, Linux
 * errno texts in the C locale.
 */
final class BtrfsErrors {

  private record Rule(Pattern line, String nextMove, Function<String, ReplicationException> type) {}

  private static final List<Rule> RULES =
      List.of(
          // errno texts at the end of any tool's line
          rule(
              ".*: No space left on device",
              "free space there, or give the filesystem more",
              m -> new NoSpaceException(m, null)),
          rule(
              ".*: Disk quota exceeded",
              "raise the quota (btrfs qgroup limit), or free space",
              m -> new NoSpaceException(m, null)),
          rule(
              ".*: Read-only file system",
              "mount it read-write, or clear what made the subvolume read-only",
              m -> new ReadOnlyException(m, null)),
          // btrfs receive 5.x and 6.x: the base is not there, or was made writable and lost its
          // mark
          rule(
              "ERROR: cannot find parent subvolume",
              "the target does not hold the base any more: plan again",
              m -> new NotFoundException(m, null)),
          // btrfs send with -c 5.x and 6.x
          rule(
              "ERROR: parent determination failed for \\d+",
              "the base is no snapshot of the same subvolume: plan again",
              m -> new NotFoundException(m, null)),
          // btrfs receive 4.x to 6.x: the stream ended early
          rule(
              "ERROR: (?:short read from stream: .*|unexpected EOF in stream|empty stream is not considered valid)",
              "the stream ended early; the next sync sends it again",
              m -> new IncompleteTransferException(m, null)),
          // btrfs send 4.x to 6.x: the reader went away
          rule(
              "ERROR: (?:send ioctl failed with -32: .*|failed to (?:read|dump) stream.*Broken pipe.*)",
              "the other side ended first; see its error",
              m -> new IncompleteTransferException(m, null)),
          // btrfs subvolume list, send, receive 5.x and 6.x
          rule(
              "ERROR: (?:not a btrfs filesystem: .*|.* doesn't belong to btrfs mount point)",
              "name a subvolume of a btrfs",
              m -> new WrongStorageException(m, null)),
          // btrfs subvolume snapshot and delete 5.x and 6.x (sic, with that capital)
          rule(
              "ERROR: (?:Not a Btrfs subvolume: .*|not a subvolume: .*|Could not sync filesystem: Inappropriate ioctl.*)",
              "name a subvolume of a btrfs",
              m -> new WrongStorageException(m, null)),
          rule(
              "(?:ERROR: )?.*: Operation not permitted",
              "run as root, or with a privilege prefix such as sudo -n",
              m -> new PermissionDeniedException(m, null)),
          rule(
              ".*: Permission denied",
              "run as root, or with a privilege prefix such as sudo -n",
              m -> new PermissionDeniedException(m, null)),
          rule(
              "sudo: (?:a password is required|.*not allowed to execute.*)",
              "allow these commands in sudoers",
              m -> new PermissionDeniedException(m, null)),
          rule(
              "(?:ERROR: )?.*(?:: File exists|exists and it is not a directory|already exists: .*|: Directory not empty)",
              "something stands where this belongs: move it away",
              m -> new AlreadyExistsException(m, null)),
          rule(
              ".*: (?:Device or resource busy|Text file busy)",
              "find out who uses it (a mount point cannot be exchanged)",
              m -> new BusyException(m, null)),
          rule(
              ".*: No such file or directory",
              "it is gone, or a parent of it is: plan again",
              m -> new NotFoundException(m, null)),
          // getopt of btrfs-progs before 5.0 (global -q), before 5.19 (--proto, --compressed-data)
          rule(
              "btrfs.*: (?:unrecognized|invalid) option.*|.*: unknown token '-q'.*|Unknown token -q.*",
              "install btrfs-progs 5.10 or newer",
              m -> new UnsupportedException(m, null)),
          // btrfs receive of a newer protocol
          rule(
              "ERROR: [Ss]tream version \\d+ not supported.*",
              "send with BtrfsOptions.Stream.VERSION_1, or install a newer btrfs-progs",
              m -> new UnsupportedException(m, null)));

  private BtrfsErrors() {}

  private static Rule rule(
      String line, String nextMove, Function<String, ReplicationException> type) {
    return new Rule(Pattern.compile(line), nextMove, type);
  }

  static ReplicationException of(String host, Command command, CommandResult result) {
    String message = Failures.message(host, command, result);
    if (result.exitStatus() == 127) {
      return new CommandNotFoundException(
          message + "; install btrfs-progs, coreutils and findutils there", null);
    }
    List<String> lines = result.errorTail().lines().map(String::strip).toList();
    for (Rule rule : RULES) {
      if (lines.stream().anyMatch(line -> rule.line().matcher(line).matches())) {
        return rule.type().apply(message + "; " + rule.nextMove());
      }
    }
    return new CommandFailedException(message, result.exitStatus());
  }
}
