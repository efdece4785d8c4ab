package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BtrfsErrorsTest {

  /** As btrfs-progs 6.2 and coreutils 9.1 print them. */
  static Stream<Arguments> captured() {
    return Stream.of(
        Arguments.of(
            "ERROR: not a btrfs filesystem: /srv/data\nERROR: can't access '/srv/data'",
            WrongStorageException.class),
        Arguments.of("ERROR: Not a Btrfs subvolume: Invalid argument", WrongStorageException.class),
        Arguments.of(
            "ERROR: /srv/data doesn't belong to btrfs mount point", WrongStorageException.class),
        Arguments.of(
            "ERROR: Could not sync filesystem: Inappropriate ioctl for device",
            WrongStorageException.class),
        Arguments.of(
            "ERROR: cannot access '/srv/data': No such file or directory\nERROR: can't access '/srv/data'",
            NotFoundException.class),
        Arguments.of("ERROR: Could not statfs: No such file or directory", NotFoundException.class),
        Arguments.of(
            "ERROR: realpath(/srv/data) failed: No such file or directory",
            NotFoundException.class),
        Arguments.of("ERROR: cannot find parent subvolume", NotFoundException.class),
        Arguments.of(
            "ERROR: cannot snapshot '/srv/data': Read-only file system", ReadOnlyException.class),
        Arguments.of(
            "ERROR: creating subvolume @ failed: Read-only file system", ReadOnlyException.class),
        Arguments.of(
            "mkdir: cannot create directory '/srv/x': Read-only file system",
            ReadOnlyException.class),
        Arguments.of(
            "ERROR: creating subvolume @ failed: File exists", AlreadyExistsException.class),
        Arguments.of("ERROR: target path already exists: /srv/data", AlreadyExistsException.class),
        Arguments.of(
            "mv: cannot move '/srv/a' to '/srv/b': Directory not empty",
            AlreadyExistsException.class),
        Arguments.of(
            "ERROR: writing to big failed: No space left on device", NoSpaceException.class),
        Arguments.of(
            "ERROR: creating subvolume @ failed: Disk quota exceeded", NoSpaceException.class),
        Arguments.of(
            "ERROR: can't perform the search: Operation not permitted",
            PermissionDeniedException.class),
        Arguments.of(
            "ERROR: cannot open destination directory /srv: Operation not permitted",
            PermissionDeniedException.class),
        Arguments.of(
            "ERROR: short read from stream: expected 28 read 26",
            IncompleteTransferException.class),
        Arguments.of("ERROR: unexpected EOF in stream", IncompleteTransferException.class),
        Arguments.of(
            "ERROR: empty stream is not considered valid", IncompleteTransferException.class),
        Arguments.of("exchange: Device or resource busy", BusyException.class),
        Arguments.of("btrfs send: unrecognized option '--proto'", UnsupportedException.class));
  }

  @ParameterizedTest
  @MethodSource("captured")
  void becomeTypes(String words, Class<? extends ReplicationException> type) {
    ReplicationException e = failure(1, words);
    assertEquals(type, e.getClass());
    assertTrue(
        e.getMessage()
            .startsWith(
                "btrfs subvolume list /srv/data on here failed: exit 1 after 0.2s: " + words));
  }

  @Test
  void onlyAWholeLineDecides() {
    assertEquals(
        CommandFailedException.class,
        failure(1, "ERROR: No space left on device was not what happened").getClass());
    assertEquals(CommandFailedException.class, failure(1, "").getClass());
  }

  @Test
  void aHostWithoutTheToolIsToldSo() {
    assertEquals(
        CommandNotFoundException.class, failure(127, "sh: 1: btrfs: not found").getClass());
  }

  private static ReplicationException failure(int status, String words) {
    return BtrfsErrors.of(
        "here",
        Command.of("btrfs", "subvolume", "list", "/srv/data"),
        new CommandResult(status, "", words, Duration.ofMillis(200)));
  }
}
