package io.replication4j.lvm;

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

/**
 * What a failed command on images means. Texts: our own of {@link ImageScripts}, coreutils 9.1,
 * dash 0.5.12, Linux errno texts in the C locale.
 */
final class ImageErrors {

  private static final List<FailureRule> RULES =
      List.of(
          FailureRule.missing("coreutils"),
          line(
              "replication4j: the stream ended early",
              "the next sync sends it again",
              IncompleteTransferException::new),
          line(
              "replication4j: another sync is at work on .*",
              "run again when that has ended",
              BusyException::new),
          line(
              "replication4j: .* is (?:open in process|the content of|part of|mounted at|swapped to|in use).*",
              "end what uses it, and run again",
              BusyException::new),
          line(
              "replication4j: .* exists",
              "something stands where this belongs: rename it, or plan again",
              AlreadyExistsException::new),
          line(
              "replication4j: .* has [0-9]+ bytes free, and [0-9]+ are needed",
              "free space there, or write without a journal (ImageOptions.nonAtomic)",
              NoSpaceException::new),
          line(
              "replication4j: .* has only [0-9]+ bytes, the source [0-9]+",
              "use a larger device, or make it larger; nothing was written",
              NoSpaceException::new),
          line("replication4j: .* was changed", "plan again", TargetModifiedException::new),
          line("replication4j: .* is not what it was", "plan again", TargetModifiedException::new),
          line(
              "replication4j: (?:there is no .*|.* holds no version of that label)",
              "plan again",
              NotFoundException::new),
          line(
              ".*: (?:No space left on device|Disk quota exceeded|File too large)",
              "free space there",
              NoSpaceException::new),
          line(
              ".*: Read-only file system",
              "mount it writable, or name another place",
              ReadOnlyException::new),
          line(
              ".*: (?:Permission denied|Operation not permitted)",
              "run as a user that may, or with a privilege prefix such as sudo -n",
              PermissionDeniedException::new),
          FailureRule.SUDO,
          line(
              ".*: Device or resource busy", "end what uses it, and run again", BusyException::new),
          line(
              "(?:dd|stat|mv|sync|touch|truncate|realpath): (?:unrecognized|invalid) .*",
              "install coreutils 8.24 or newer",
              UnsupportedException::new));

  private ImageErrors() {}

  static ReplicationException of(String host, Command command, CommandResult result) {
    return FailureRule.failure(RULES, host, command, result);
  }
}
