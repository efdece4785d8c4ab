package io.replication4j.lvm;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReplicationException;
import io.replication4j.UnsupportedException;
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
 * rule that matches any line decides. Texts: LVM 2.03.16, coreutils 9.1, Linux errno texts in the C
 * locale; the line of {@link LvmCommands#RECEIVE_SCRIPT} is our own.
 */
final class LvmErrors {

  private record Rule(Pattern line, String nextMove, Function<String, ReplicationException> type) {}

  private static final List<Rule> RULES =
      List.of(
          rule(
              "replication4j: the stream ended early",
              "the next sync sends it again",
              m -> new IncompleteTransferException(m, null)),
          rule(
              "replication4j: the extent size does not divide the volume",
              "a volume of the source's size cannot be here: use a volume group whose extents are"
                  + " as large as the source's, or smaller",
              m -> new UnsupportedException(m, null)),
          // ThinCommands
          rule(
              "replication4j: thin pool .* has (?:too little room .*|failed)",
              "give the pool more room (lvextend; lvs -o"
                  + " data_percent,metadata_percent,lv_health_status), or remove snapshots",
              m -> new NoSpaceException(m, null)),
          rule(
              "replication4j: thin pool .* does not zero new blocks",
              "what was never written has to read as zeroes: lvchange --zero y",
              m -> new UnsupportedException(m, null)),
          rule(
              "replication4j: the metadata snapshot of thin pool .* is somebody else's",
              "a pool has one at most: wait for who uses it, or, if nobody does any more, give it"
                  + " back (dmsetup message POOL 0 release_metadata_snap)",
              m -> new BusyException(m, null)),
          rule(
              "replication4j: another sync reads the metadata of thin pool .*",
              "run again in a moment",
              m -> new BusyException(m, null)),
          rule(
              ".*thin_(?:delta|dump): (?:command )?not found",
              "install thin-provisioning-tools",
              m -> new CommandNotFoundException(m, null)),
          // lvcreate, lvextend
          rule(
              "Cannot create new thin volume, free space in thin pool .*",
              "give the pool more room (lvextend)",
              m -> new NoSpaceException(m, null)),
          rule(
              "Volume group \".*\" has insufficient free space .*|Insufficient free space: .*",
              "give the volume group more room, or ask for smaller snapshots (LvmOptions)",
              m -> new NoSpaceException(m, null)),
          rule(
              ".*: No space left on device",
              "free space there",
              m -> new NoSpaceException(m, null)),
          // lvcreate, lvrename
          rule(
              "Logical Volume \".*\" already exists in volume group \".*\"",
              "something stands where this belongs: rename or remove it",
              m -> new AlreadyExistsException(m, null)),
          // lvremove, lvconvert
          rule(
              "Logical volume .* (?:in use\\.|contains a filesystem in use\\.)"
                  + "|(?:Logical volume|Device) .* is used by another device\\.",
              "find out who uses it (lsof, dmsetup ls --tree), and end that",
              m -> new BusyException(m, null)),
          // dmsetup
          rule(
              "device-mapper: remove ioctl on r4j:.* failed: Device or resource busy",
              "another sync reads it, or one that was killed still does: run again in a moment",
              m -> new BusyException(m, null)),
          // lvcreate, lvconvert of a volume that a merge is under way into
          rule(
              "Snapshots of an origin that has a merging snapshot are not supported.*"
                  + "|Cannot merge snapshot .*|.*lv_is_merging_(?:cow|origin).*",
              "a merge is under way or waits until the volume is closed: run again then",
              m -> new BusyException(m, null)),
          // lvremove, lvrename, lvcreate, lvchange, lvconvert
          rule(
              "Failed to find logical volume \".*\"|Existing logical volume \".*\" not found in"
                  + " volume group .*|Snapshot origin LV .* not found in Volume group .*|Logical"
                  + " volume .* not found in volume group .*|Volume group \".*\" not found",
              "it is gone, or the group is not active: plan again",
              m -> new NotFoundException(m, null)),
          rule(
              "Unable to merge invalidated snapshot LV .*",
              "the snapshot overflowed and is lost; remove it and begin anew",
              m -> new NotFoundException(m, null)),
          rule(
              ".*: Permission denied|WARNING: Running as a non-root user.*",
              "run as root, or with a privilege prefix such as sudo -n",
              m -> new PermissionDeniedException(m, null)),
          rule(
              "sudo: (?:a password is required|.*not allowed to execute.*)",
              "allow these commands in sudoers",
              m -> new PermissionDeniedException(m, null)),
          rule(
              "(?:lvm|lvcreate|lvconvert|dd|dmsetup|blkdiscard): (?:unrecognized|invalid) option.*|"
                  + "dd: invalid input flag: .*|No such command.*",
              "install LVM2 2.02.178, coreutils 8.16 and util-linux 2.28 or newer",
              m -> new UnsupportedException(m, null)));

  private LvmErrors() {}

  private static Rule rule(
      String line, String nextMove, Function<String, ReplicationException> type) {
    return new Rule(Pattern.compile(line), nextMove, type);
  }

  static ReplicationException of(String host, Command command, CommandResult result) {
    String message = Failures.message(host, command, result);
    if (result.exitStatus() == 127) {
      return new CommandNotFoundException(
          message + "; install lvm2, dmsetup, coreutils and util-linux there", null);
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
