package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NoSpaceException;
import io.replication4j.NotFoundException;
import io.replication4j.ReplicationException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What LVM 2.03.16 said on failures, and what that means. */
class LvmErrorsTest {

  private static final Map<Class<? extends ReplicationException>, List<String>> SAID =
      Map.of(
          NotFoundException.class,
          List.of(
              "  Failed to find logical volume \"vgx/data\"",
              "  Existing logical volume \"data.nosuch\" not found in volume group \"vgx\"",
              "  Snapshot origin LV nosuch not found in Volume group vgx.",
              "  Logical volume data not found in volume group vgx.",
              "  Volume group \"vgq\" not found\n  Cannot process volume group vgq",
              "  Unable to merge invalidated snapshot LV vgx/data.small."),
          AlreadyExistsException.class,
          List.of("  Logical Volume \"data.sent-p\" already exists in volume group \"vgx\""),
          NoSpaceException.class,
          List.of(
              "  Volume group \"vgx\" has insufficient free space (1006 extents): 102400"
                  + " required."),
          BusyException.class,
          List.of(
              "  Logical volume vgx/data.sent-p in use.",
              "  Logical volume exp/data.tosend is used by another device.",
              "  Device exp-data.sent-cow (253:2) is used by another device.\n"
                  + "  Unable to deactivate logical volume exp/data.sent.",
              "device-mapper: remove ioctl on r4j:exp-data.tosend-1  failed: Device or resource"
                  + " busy\nCommand failed.",
              "  Snapshots of an origin that has a merging snapshot are not supported.",
              "  Command on LV vgx/data.t+in is invalid on LV with properties: lv_is_merging_cow"
                  + " ."),
          IncompleteTransferException.class,
          List.of("replication4j: the stream ended early"),
          CommandFailedException.class,
          List.of("  something that nobody has seen yet"));

  @Test
  void eachCauseHasItsType() {
    SAID.forEach(
        (type, texts) -> texts.forEach(text -> assertEquals(type, failure(5, text).getClass())));
  }

  @Test
  void aProgramThatIsNotThereIsSaidToBeMissing() {
    assertEquals(CommandNotFoundException.class, failure(127, "").getClass());
  }

  @Test
  void theMessageSaysWhatToDo() {
    String message = String.valueOf(failure(5, "  Logical volume vg/x in use.").getMessage());
    assertTrue(message.startsWith("lvremove vg/x on dr failed: exit 5"), message);
    assertTrue(message.contains("find out who uses it"), message);
  }

  private static ReplicationException failure(int status, String errors) {
    return LvmErrors.of(
        "dr",
        Command.of("lvremove", "vg/x"),
        new CommandResult(status, "", errors, Duration.ofSeconds(1)));
  }
}
