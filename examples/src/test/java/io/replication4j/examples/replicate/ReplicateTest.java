package io.replication4j.examples.replicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.ReplicationJson;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.examples.Launcher;
import io.replication4j.examples.Launcher.Result;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command says and how it exits, as far as no storage is needed for that. */
class ReplicateTest {

  private static Result replicate(String... arguments) throws IOException, InterruptedException {
    return Launcher.run("replicate.Replicate", arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "zfs:tank/a",
        "zfs:tank/a btrfs:/b",
        "zfs:tank/a file:/srv/image",
        "file:/srv/image lvm:vg0/data",
        "zfs:tank/a zfs:tank/a",
        "zfs:tank/a zfs:b/c zfs:b/c",
        "btrfs:relative btrfs:/b",
        "--on-divergence destroy zfs:a/b zfs:c/d",
        "--bandwidth 0 zfs:a/b zfs:c/d",
        "--name -odd zfs:a/b zfs:c/d",
        "--plan --verify zfs:a/b zfs:c/d",
        "--nonsense zfs:a/b zfs:c/d"
      })
  void exits2WithOneLineWhenItIsMisused(String arguments) throws IOException, InterruptedException {
    Result result = replicate(arguments.isEmpty() ? new String[0] : arguments.split(" "));
    assertEquals(2, result.exitStatus(), result::errors);
    assertEquals("", result.output());
    assertTrue(result.errors().startsWith("replicate: "), result::errors);
  }

  @Test
  void exits1AndSaysWhichTargetCouldNotBeReached() throws IOException, InterruptedException {
    Result result = replicate("zfs:a/b", "zfs://root@127.0.0.1:1/c/d");
    assertEquals(1, result.exitStatus());
    assertTrue(result.errors().contains("127.0.0.1:1"), result::errors);
  }

  @Test
  void printsOneReportAsJson() throws IOException, InterruptedException {
    Result result = replicate("--json", "zfs:a/b", "zfs://root@127.0.0.1:1/c/d");
    assertEquals(1, result.output().lines().count());
    assertEquals(Outcome.FAILED, ReplicationJson.readReport(result.output().strip()).outcome());
  }
}
