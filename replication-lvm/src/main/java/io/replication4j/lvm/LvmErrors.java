package io.replication4j.lvm;

import static io.replication4j.spi.FailureRule.line;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReplicationException;
import io.replication4j.StalePlanException;
import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import io.replication4j.spi.FailureRule;
import java.util.List;

/**
 * What a failed command means. Texts: LVM 2.03.16, coreutils 9.1, Linux errno texts in the C
 * locale; the line of {@link LvmCommands#RECEIVE_SCRIPT} is our own.
 */
final class LvmErrors {

  private static final List<FailureRule> RULES =
      List.of(
          FailureRule.missing("lvm2, dmsetup, coreutils and util-linux"),
          line(
              "replication4j: the stream ended early",
              "the next sync sends it again",
              IncompleteTransferException::new),
          line(
              "replication4j: what was kept is not there any more",
              "the next sync sends everything",
              NotFoundException::new),
          line(
              "replication4j: the extent size does not divide the volume",
              "a volume of the source's size cannot be here: use a volume group whose extents are"
                  + " as large as the source's, or smaller",
              UnsupportedException::new),
          line(
              "replication4j: .* is not what was to be removed",
              "another volume got its name; nothing was removed. Plan again",
              (message, cause) -> new StalePlanException(message)),
          line(
              "replication4j: .* is not what was to be marked",
              "another sync went on with it, or gave it up; nothing was changed. Plan again",
              (message, cause) -> new StalePlanException(message)),
          // ThinCommands
          line(
              "replication4j: thin pool .* has (?:too little room .*|failed)",
              "give the pool more room (lvextend; lvs -o"
                  + " data_percent,metadata_percent,lv_health_status), or remove snapshots",
              NoSpaceException::new),
          line(
              "replication4j: thin pool .* does not zero new blocks",
              "what was never written has to read as zeroes: lvchange --zero y",
              UnsupportedException::new),
          line(
              "replication4j: the metadata snapshot of thin pool .* is somebody else's",
              "a pool has one at most: wait for who uses it, or, if nobody does any more, give it"
                  + " back (dmsetup message POOL 0 release_metadata_snap)",
              BusyException::new),
          line(
              "replication4j: another sync reads the metadata of thin pool .*",
              "run again in a moment",
              BusyException::new),
          line(
              ".*thin_(?:delta|dump): (?:command )?not found",
              "install thin-provisioning-tools",
              CommandNotFoundException::new),
          line(
              "Pool .* not found in Volume group .*",
              "create it (lvcreate --type thin-pool), or name another one (LvmOptions.thinPool)",
              NotFoundException::new),
          line(
              "Logical volume .* is not a thin pool\\.",
              "name another one (LvmOptions.thinPool)",
              UnsupportedException::new),
          // lvcreate, lvextend
          line(
              "Cannot create new thin volume, free space in thin pool .*",
              "give the pool more room (lvextend)",
              NoSpaceException::new),
          line(
              "Volume group \".*\" has insufficient free space .*|Insufficient free space: .*",
              "give the volume group more room, or ask for smaller snapshots (LvmOptions)",
              NoSpaceException::new),
          line(".*: No space left on device", "free space there", NoSpaceException::new),
          // lvcreate, lvrename
          line(
              "Logical Volume \".*\" already exists in volume group \".*\"",
              "something stands where this belongs: rename or remove it",
              AlreadyExistsException::new),
          // lvremove, lvconvert
          line(
              "Logical volume .* (?:in use\\.|contains a filesystem in use\\.)"
                  + "|(?:Logical volume|Device) .* is used by another device\\.",
              "find out who uses it (lsof, dmsetup ls --tree), and end that",
              BusyException::new),
          // dmsetup
          line(
              "device-mapper: remove ioctl on r4j:.* failed: Device or resource busy",
              "another sync reads it, or one that was killed still does: run again in a moment",
              BusyException::new),
          // lvcreate, lvconvert of a volume that a merge is under way into
          line(
              "Snapshots of an origin that has a merging snapshot are not supported.*"
                  + "|Cannot merge snapshot .*|.*lv_is_merging_(?:cow|origin).*",
              "a merge is under way or waits until the volume is closed: run again then",
              BusyException::new),
          // lvremove, lvrename, lvcreate, lvchange, lvconvert
          line(
              "Failed to find logical volume \".*\"|Existing logical volume \".*\" not found in"
                  + " volume group .*|Snapshot origin LV .* not found in Volume group .*|Logical"
                  + " volume .* not found in volume group .*|Volume group \".*\" not found",
              "it is gone, or the group is not active: plan again",
              NotFoundException::new),
          line(
              "Unable to merge invalidated snapshot LV .*",
              "the snapshot overflowed and is lost; remove it and begin anew",
              NotFoundException::new),
          line(
              ".*: Permission denied|WARNING: Running as a non-root user.*",
              "run as root, or with a privilege prefix such as sudo -n",
              PermissionDeniedException::new),
          FailureRule.SUDO,
          line(
              "(?:lvm|lvcreate|lvconvert|dd|dmsetup|blkdiscard): (?:unrecognized|invalid) option.*|"
                  + "dd: invalid input flag: .*|No such command.*",
              "install LVM2 2.02.178, coreutils 8.16 and util-linux 2.28 or newer",
              UnsupportedException::new));

  private LvmErrors() {}

  static ReplicationException of(String host, Command command, CommandResult result) {
    return FailureRule.failure(RULES, host, command, result);
  }
}
