package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.btrfs.testing.FakeBtrfs;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.RunningCommand;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the btrfs in memory does beyond the contract. */
class FakeBtrfsTest {

  private final FakeBtrfs here =
      FakeBtrfs.mounted("here", "/m", FakeBtrfs.Exchange.PERL, Clock.systemUTC());
  private final FakeBtrfs there =
      FakeBtrfs.mounted("there", "/m", FakeBtrfs.Exchange.PERL, Clock.systemUTC());

  @BeforeEach
  void createSnapshot() {
    here.createSubvolume("/m/data");
    here.write("/m/data", "dir/file", "text");
    assertEquals(
        0,
        run(here, "btrfs", "-q", "subvolume", "snapshot", "-r", "--", "/m/data", "/m/s1")
            .exitStatus());
  }

  private static CommandResult run(FakeBtrfs host, String... argv) {
    return host.run(Command.of(argv));
  }

  private byte[] send(String... words) throws IOException, InterruptedException {
    String[] argv = new String[words.length + 3];
    System.arraycopy(new String[] {"btrfs", "-q", "send"}, 0, argv, 0, 3);
    System.arraycopy(words, 0, argv, 3, words.length);
    try (RunningCommand send = here.start(Command.of(argv))) {
      return send.stdout().readAllBytes();
    }
  }

  private CommandResult receive(byte[] stream, String directory)
      throws IOException, InterruptedException {
    try (RunningCommand receive =
        there.start(BtrfsCommands.receive(directory, directory + "-in"))) {
      receive.stdin().write(stream);
      receive.stdin().close();
      return new CommandResult(receive.waitFor(), "", receive.errorTail(), Duration.ZERO);
    }
  }

  @Test
  void whatIsSentIsAStreamThatTheLibraryReads() throws Exception {
    SendStream.Summary whole =
        SendStream.read(new ByteArrayInputStream(send("--", "/m/s1")), "a test");
    assertEquals("'dir' created", whole.change().orElseThrow());
    run(here, "btrfs", "-q", "subvolume", "snapshot", "-r", "--", "/m/data", "/m/s2");
    byte[] nothing = send("--no-data", "-p", "/m/s1", "--", "/m/s2");
    assertTrue(SendStream.read(new ByteArrayInputStream(nothing), "a test").change().isEmpty());
  }

  @Test
  void aStreamThatIsCutAnywhereLeavesNothingThatLooksWhole() throws Exception {
    byte[] stream = send("--", "/m/s1");
    for (int length = 0; length < stream.length; length++) {
      assertEquals(1, receive(Arrays.copyOf(stream, length), "/m/r" + length).exitStatus());
    }
    String listing = run(there, "btrfs", "subvolume", "list", "-pcguqR", "/m").output();
    assertTrue(listing.lines().count() > 0);
    assertTrue(listing.lines().allMatch(row -> row.contains("received_uuid - ")), listing);
    assertEquals(0, receive(stream, "/m/whole").exitStatus());
    assertEquals(here.content("/m/s1"), there.content("/m/whole/s1"));
  }

  @Test
  void theEndBetweenTwoStreamsIsSuccess() throws Exception {
    run(here, "btrfs", "-q", "subvolume", "snapshot", "-r", "--", "/m/data", "/m/s2");
    byte[] first = send("--", "/m/s1");
    byte[] both = send("--", "/m/s1", "/m/s2");
    assertEquals(0, receive(Arrays.copyOf(both, first.length), "/m/r").exitStatus());
    assertTrue(there.exists("/m/r/s1"));
    assertEquals(
        "ERROR: unexpected EOF in stream",
        receive(Arrays.copyOf(both, first.length + 17), "/m/q").errorTail());
  }
}
