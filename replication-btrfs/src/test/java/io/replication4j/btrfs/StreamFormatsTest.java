package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamFormatsTest {

  @ParameterizedTest
  @CsvSource({
    "btrfs-progs v6.2, true",
    "btrfs-progs v6.6.3, true",
    "btrfs-progs v7.0, true",
    "btrfs-progs v6.11-rc1, true",
    "btrfs-progs v6.1.3, false",
    "btrfs-progs v6.0.2, false",
    "btrfs-progs v5.19, false",
    "something else, false",
    "'', false"
  })
  void compressedDataIsReceivedSince62(String version, boolean expected) throws Exception {
    assertEquals(expected, new StreamFormats(new Host(version, "2")).receivesCompressed());
  }

  @ParameterizedTest
  @CsvSource({"2, true", "3, true", "1, false", "'', false", "odd, false"})
  void itIsSentByKernelsThatSaySo(String kernel, boolean expected) throws Exception {
    assertEquals(
        expected, new StreamFormats(new Host("btrfs-progs v6.2", kernel)).sendsCompressed());
  }

  @Test
  void eachIsAskedOnce() throws Exception {
    Host host = new Host("btrfs-progs v6.11\n+EXPERIMENTAL -INJECT", "2");
    StreamFormats formats = new StreamFormats(host);
    for (int i = 0; i < 3; i++) {
      assertEquals(true, formats.sendsCompressed() && formats.receivesCompressed());
    }
    assertEquals(2, host.asked);
  }

  @Test
  void demandedOfAnOldHostItIsRefused() {
    assertThrows(
        UnsupportedException.class,
        () -> new StreamFormats(new Host("btrfs-progs v6.1", "2")).requireReceivesCompressed());
  }

  /** Without an answer where it is empty. */
  private static final class Host implements CommandRunner {

    private final String tool;
    private final String kernel;
    private int asked;

    Host(String tool, String kernel) {
      this.tool = tool;
      this.kernel = kernel;
    }

    @Override
    public String host() {
      return "here";
    }

    @Override
    public CommandResult run(Command command) {
      asked++;
      String answer = command.argv().equals(BtrfsCommands.version().argv()) ? tool : kernel;
      return new CommandResult(answer.isEmpty() ? 1 : 0, answer + "\n", "", Duration.ZERO);
    }

    @Override
    public RunningCommand start(Command command) {
      throw new AssertionError(command);
    }

    @Override
    public void close() {}
  }
}
