package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ZfsErrorsTest {

  private static final Command COMMAND = Command.of("zfs", "receive", "tank/b");

  private static ReplicationException failure(String words) {
    return ZfsErrors.of(
        "backup1", COMMAND, new CommandResult(1, "", words.strip(), Duration.ofSeconds(723)));
  }

  @Test
  void aHostThatDoesNotLetUsOrLacksTheToolSaysSo() {
    assertInstanceOf(PermissionDeniedException.class, failure("sudo: a password is required"));
    CommandResult missing = new CommandResult(127, "", "", Duration.ZERO);
    assertInstanceOf(CommandNotFoundException.class, ZfsErrors.of("backup1", COMMAND, missing));
  }

  @Test
  void whatZfsFuseSaidHasItsType() {
    Map<String, Class<? extends ReplicationException>> types =
        Map.ofEntries(
            Map.entry("bookmark", UnsupportedException.class),
            Map.entry("create-pool", NotFoundException.class),
            Map.entry("destroy-cloned", BusyException.class),
            Map.entry("destroy-held", BusyException.class),
            Map.entry("destroy-missing", NotFoundException.class),
            Map.entry("destroy-r-missing", NotFoundException.class),
            Map.entry("list-missing", NotFoundException.class),
            Map.entry("receive-base", TargetModifiedException.class),
            Map.entry("receive-empty", IncompleteTransferException.class),
            Map.entry("receive-exists", AlreadyExistsException.class),
            Map.entry("receive-modified", TargetModifiedException.class),
            Map.entry("receive-parent", NotFoundException.class),
            Map.entry("release-tag", NotFoundException.class),
            Map.entry("rename-exists", AlreadyExistsException.class),
            Map.entry("rename-parent", NotFoundException.class),
            Map.entry("send-base", NotFoundException.class),
            Map.entry("send-missing", NotFoundException.class),
            Map.entry("snapshot-exists", AlreadyExistsException.class));
    types.forEach(
        (name, type) ->
            assertInstanceOf(type, failure(Captured.text("0.7.0/errors/" + name + ".txt")), name));
  }

  @Test
  void whatOpenZfs23SaidHasItsType() {
    Map<String, Class<? extends ReplicationException>> types =
        Map.ofEntries(
            Map.entry("bookmark-again", AlreadyExistsException.class),
            Map.entry("create-parent", NotFoundException.class),
            Map.entry("create-pool", NotFoundException.class),
            Map.entry("destroy-cloned", BusyException.class),
            Map.entry("destroy-held", BusyException.class),
            Map.entry("destroy-missing", NotFoundException.class),
            Map.entry("hold-again", AlreadyExistsException.class),
            Map.entry("list-missing", NotFoundException.class),
            Map.entry("permission", PermissionDeniedException.class),
            Map.entry("quota", NoSpaceException.class),
            Map.entry("receive-absent", NotFoundException.class),
            Map.entry("receive-cut", IncompleteTransferException.class),
            Map.entry("receive-empty", IncompleteTransferException.class),
            Map.entry("receive-exists", AlreadyExistsException.class),
            Map.entry("receive-modified", TargetModifiedException.class),
            Map.entry("receive-parent", NotFoundException.class),
            Map.entry("release-tag", NotFoundException.class),
            Map.entry("rename-dataset", AlreadyExistsException.class),
            Map.entry("rename-exists", AlreadyExistsException.class),
            Map.entry("rename-parent", NotFoundException.class),
            Map.entry("send-missing", NotFoundException.class),
            Map.entry("send-recursive", NotFoundException.class),
            Map.entry("snapshot-exists", AlreadyExistsException.class));
    types.forEach(
        (name, type) ->
            assertInstanceOf(type, failure(Captured.text("2.3/errors/" + name + ".txt")), name));
  }

  @Test
  void whatOpenZfsSaysHasItsType() {
    Map<String, Class<? extends ReplicationException>> types =
        Map.ofEntries(
            Map.entry(
                "cannot receive incremental stream: destination tank/b contains partially-complete state from"
                    + " \"zfs receive -s\".",
                BusyException.class),
            Map.entry(
                "cannot receive new filesystem stream: checksum mismatch or incomplete stream.\n"
                    + "Partially received snapshot is saved.",
                IncompleteTransferException.class),
            Map.entry("cannot receive: permission denied", PermissionDeniedException.class),
            Map.entry(
                "cannot create snapshots : permission denied", PermissionDeniedException.class),
            Map.entry("cannot receive incremental stream: out of space", NoSpaceException.class),
            Map.entry(
                "cannot receive: destination tank/b space quota exceeded.", NoSpaceException.class),
            Map.entry("cannot create snapshots : pool is read-only", ReadOnlyException.class),
            Map.entry("cannot destroy snapshot tank/b@s: dataset is busy", BusyException.class),
            Map.entry(
                "cannot destroy 'tank/b@s': it's being held. Run 'zfs holds -r tank/b@s' to see holders.",
                BusyException.class),
            Map.entry("cannot unmount '/tank/b': pool or dataset is busy", BusyException.class),
            Map.entry(
                "could not find any snapshots to destroy; check snapshot names.",
                NotFoundException.class),
            Map.entry(
                "cannot receive new filesystem stream: pool must be upgraded to receive this stream.",
                UnsupportedException.class),
            Map.entry(
                "cannot resume send: 'tank/a@s' used in the initial send no longer exists",
                IncompleteTransferException.class),
            Map.entry(
                "The ZFS modules are not loaded.\nTry running 'modprobe zfs' as root to load them.",
                UnsupportedException.class));
    types.forEach((words, type) -> assertInstanceOf(type, failure(words), words));
  }

  @Test
  void wordsThatAreNotAtTheBeginningOfALineDecideNothing() {
    assertInstanceOf(
        CommandFailedException.class, failure("a dataset called 'cannot x: permission denied'"));
    assertInstanceOf(CommandFailedException.class, failure(""));
    assertInstanceOf(CommandFailedException.class, failure("internal error: out of memory"));
  }

  @Test
  void theMessageSaysWhatWasTriedWhereWhatCameBackAndTheNextMove() {
    assertEquals(
        "zfs receive tank/b on backup1 failed: exit 1 after 12m03s: cannot receive incremental stream: destination"
            + " tank/b has been modified\nsince most recent snapshot; roll the target back, or keep it aside: onDivergence",
        failure(
                "cannot receive incremental stream: destination tank/b has been modified\nsince most recent snapshot")
            .getMessage());
  }

  @Test
  void onlyTheToolsOwnWholeSentenceMakesADatasetAbsent() {
    assertEquals(
        Optional.of("tank/a b"),
        ZfsErrors.absent("cannot open 'tank/a b': dataset does not exist"));
    for (String words :
        new String[] {
          "cannot open 'tank/a': permission denied",
          "dataset does not exist",
          "sudo: cannot open 'x': dataset does not exist"
        }) {
      assertTrue(ZfsErrors.absent(words).isEmpty(), words);
    }
  }
}
