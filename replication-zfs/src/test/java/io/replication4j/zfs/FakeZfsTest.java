package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.RunningCommand;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.zfs.testing.FakeZfs;
import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the ZFS in memory does beyond the contract. */
class FakeZfsTest {

  private final FakeZfs here = FakeZfs.modern("here", Clock.systemUTC());
  private final FakeZfs there = FakeZfs.modern("there", Clock.systemUTC());

  @BeforeEach
  void createPools() {
    here.createPool("tank");
    there.createPool("backup");
    here.createFilesystem("tank/data");
    here.write("tank/data", "file", "text ".repeat(1000));
    assertEquals(0, run(here, "zfs", "snapshot", "-r", "tank/data@s1").exitStatus());
  }

  private static CommandResult run(FakeZfs host, String... argv) {
    return host.run(Command.of(argv));
  }

  private byte[] send(String... argv) throws IOException, InterruptedException {
    try (RunningCommand send = here.start(Command.of(argv))) {
      return send.stdout().readAllBytes();
    }
  }

  private int receive(byte[] stream, String... argv) throws IOException, InterruptedException {
    try (RunningCommand receive = there.start(Command.of(argv))) {
      receive.stdin().write(stream);
      receive.stdin().close();
      return receive.waitFor();
    }
  }

  @Test
  void aTokenIsOneThatTheLibraryReadsAndLeadsToTheSameData() throws Exception {
    byte[] stream = send("zfs", "send", "tank/data@s1");
    assertEquals(
        1,
        receive(Arrays.copyOf(stream, stream.length / 2), "zfs", "receive", "-s", "backup/copy"));
    FilesystemName copy = FilesystemName.of("backup/copy");
    ObservedFilesystem partial =
        ZfsBackend.on(there)
            .observe(List.of(ObserveRequest.versions(copy, true)))
            .get(0)
            .member("")
            .orElseThrow();
    String token = partial.partial().orElseThrow().token().orElseThrow();
    ResumeToken decoded = ResumeToken.decode(token).orElseThrow();
    assertEquals("tank/data@s1", decoded.toName());
    assertTrue(decoded.fromGuid().isEmpty());
    assertTrue(decoded.bytes() > 0);
    assertEquals(
        0, receive(send("zfs", "send", "-t", token), "zfs", "receive", "-s", "backup/copy"));
    assertEquals(here.content("tank/data@s1"), there.content("backup/copy@s1"));
  }

  @Test
  void aDamagedTokenIsNotRead() throws Exception {
    byte[] stream = send("zfs", "send", "tank/data@s1");
    receive(Arrays.copyOf(stream, stream.length / 2), "zfs", "receive", "-s", "backup/copy");
    String token =
        run(there, "zfs", "get", "-Hp", "-o", "value", "receive_resume_token", "backup/copy")
            .output()
            .strip();
    assertTrue(ResumeToken.decode(token).isPresent());
    for (int i = 2; i < token.length(); i++) {
      char other = token.charAt(i) == '0' ? '1' : '0';
      String damaged = token.substring(0, i) + other + token.substring(i + 1);
      assertTrue(ResumeToken.decode(damaged).isEmpty(), damaged);
    }
  }

  @Test
  void withoutResumeNothingOfACutStreamStays() throws Exception {
    byte[] stream = send("zfs", "send", "tank/data@s1");
    assertEquals(
        1, receive(Arrays.copyOf(stream, stream.length / 2), "zfs", "receive", "backup/copy"));
    assertFalse(there.exists("backup/copy"));
    assertEquals(1, run(there, "zfs", "list", "-H", "-o", "name", "backup/copy").exitStatus());
  }

  @Test
  void aStreamIsResumedWhereverItWasCut() throws Exception {
    here.write("tank/data", "file", "text");
    run(here, "zfs", "snapshot", "tank/data@s2");
    byte[] stream = send("zfs", "send", "tank/data@s2");
    for (int length = 0; length < stream.length; length++) {
      there.createPool("p" + length);
      String copy = "p" + length + "/copy";
      receive(Arrays.copyOf(stream, length), "zfs", "receive", "-s", copy);
      String token =
          run(there, "zfs", "get", "-Hp", "-o", "value", "receive_resume_token", copy)
              .output()
              .strip();
      if (token.startsWith("1-")) {
        assertEquals(
            0,
            receive(send("zfs", "send", "-t", token), "zfs", "receive", "-s", copy),
            "after " + length);
        assertEquals(here.content("tank/data@s2"), there.content(copy + "@s2"));
      }
    }
  }

  @Test
  void whatCameWholeStaysWhenATreesStreamIsCut() throws Exception {
    here.createFilesystem("tank/data/a");
    here.write("tank/data/a", "file", "text ".repeat(1000));
    run(here, "zfs", "snapshot", "-r", "tank/data@s2");
    byte[] stream = send("zfs", "send", "-R", "tank/data@s2");
    assertEquals(
        1,
        receive(Arrays.copyOf(stream, stream.length - 100), "zfs", "receive", "-s", "backup/copy"));
    assertEquals(here.content("tank/data@s2"), there.content("backup/copy@s2"));
    assertFalse(there.exists("backup/copy/a"));
  }
}
