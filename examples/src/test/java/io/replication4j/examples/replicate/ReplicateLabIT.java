package io.replication4j.examples.replicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.ReplicationJson;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.examples.Launcher;
import io.replication4j.examples.Launcher.Result;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The command between two hosts, neither of which is this one. */
@LabTest
class ReplicateLabIT {

  private static final String POOL = "zpool create -O atime=off tank \"$1\"\n";

  private static final String VOLUME =
      "mkfs.btrfs -q -f \"$1\"; mkdir -p /mnt/data; mount -o noatime \"$1\" /mnt/data\n";

  private static final String FILES =
      """
      cd "$1"
      seq 100000 >numbers
      ln numbers 'a second name'
      ln -s numbers 'a link'
      chown 1234:99 numbers
      setfattr -n user.origin -v here numbers
      echo below >"$2/file"
      """;

  private static final String LIST =
      """
      cd "$1"
      find . ! -name '.*' -printf '%P %y %m %U:%G %l\\n' | sort
      find . -type f ! -path './.*' -exec sha256sum {} + | sort
      getfattr -d numbers
      """;

  private static final String GROUP = "vgcreate -q -y -s 128k vg0 \"$1\" >&2\n";

  private static final String LOGICAL_VOLUME =
      "lvcreate -y -q -W n -Z n -L 4m -n data vg0 >&2\n"
          + "head -c 4194304 /dev/urandom | dd of=/dev/vg0/data bs=1M iflag=fullblock conv=fsync status=none\n";

  private static final String OVERWRITE =
      "head -c 12288 /dev/urandom | dd of=/dev/vg0/data bs=4k seek=100 conv=notrunc,fsync status=none\n";

  private static final String DIGEST = "dd if=\"$1\" bs=1M iflag=direct status=none | sha256sum\n";

  private final Lab lab;

  ReplicateLabIT(Lab lab) {
    this.lab = lab;
  }

  @Tag("zfs")
  @Test
  void replicatesDatasets() throws IOException, InterruptedException {
    lab.onBoth(POOL, LabHost.disk(1));
    lab.a().shell("zfs create tank/data; zfs create tank/data/child");
    lab.a().shell(FILES, "/tank/data", "child");
    assertReplicates(
        "zfs", "/tank/data", "/tank/copy", "zfs mount tank/copy; zfs mount tank/copy/child");
  }

  @Tag("btrfs")
  @Test
  void replicatesSubvolumes() throws IOException, InterruptedException {
    lab.onBoth(VOLUME, LabHost.disk(2));
    lab.a()
        .shell(
            "btrfs -q subvolume create /mnt/data/tree; btrfs -q subvolume create /mnt/data/tree/child");
    lab.a().shell(FILES, "/mnt/data/tree", "child");
    assertReplicates("btrfs", "/mnt/data/tree", "/mnt/data/copy", "true");
  }

  @Tag("lvm")
  @Test
  void replicatesVolumesToVolumesAndFiles() throws IOException, InterruptedException {
    lab.onBoth(GROUP, LabHost.disk(3));
    lab.a().shell(LOGICAL_VOLUME);
    assertReplicatesVolume("volume", address("lvm", lab.b(), "/vg0/copy"), "/dev/vg0/copy");
    assertReplicatesVolume("file", address("file", lab.b(), "/root/an%20image"), "/root/an image");
  }

  private void assertReplicatesVolume(String pair, String target, String place)
      throws IOException, InterruptedException {
    String source = address("lvm", lab.a(), "/vg0/data");
    Result plan = replicate("--name", pair, "--plan", source, target);
    assertEquals(0, plan.exitStatus(), plan::errors);
    assertTrue(plan.output().contains("take a snapshot"), plan::output);

    SyncReport full = report(replicate("--name", pair, "--json", source, target));
    assertEquals(Outcome.SYNCED, full.outcome(), full::toString);
    assertEquals(lab.a().shell(DIGEST, "/dev/vg0/data"), lab.b().shell(DIGEST, place));

    lab.a().shell(OVERWRITE);
    SyncReport increment = report(replicate("--name", pair, "--json", source, target));
    assertEquals(Outcome.SYNCED, increment.outcome(), increment::toString);
    assertTrue(increment.bytes() < 100_000, increment::toString);
    assertEquals(lab.a().shell(DIGEST, "/dev/vg0/data"), lab.b().shell(DIGEST, place));

    assertEquals(
        Outcome.UP_TO_DATE, report(replicate("--name", pair, "--json", source, target)).outcome());
  }

  private void assertReplicates(String scheme, String from, String to, String mount)
      throws IOException, InterruptedException {
    String source = address(scheme, lab.a(), from);
    String target = address(scheme, lab.b(), to);

    Result plan = replicate("--plan", source, target);
    assertEquals(0, plan.exitStatus(), plan::errors);
    assertTrue(plan.output().contains(" send "), plan::output);

    assertEquals(Outcome.SYNCED, report(replicate("--json", source, target)).outcome());
    lab.b().shell(mount);
    assertEquals(lab.a().shell(LIST, from), lab.b().shell(LIST, to));

    lab.a().shell("cd \"$1\"; rm 'a second name'; echo more >>numbers", from);
    SyncReport direct = report(replicate("--json", "--direct", source, target));
    assertEquals(Outcome.SYNCED, direct.outcome(), direct::toString);
    assertTrue(direct.bytes() > 0);
    assertEquals(lab.a().shell(LIST, from), lab.b().shell(LIST, to));

    assertEquals(Outcome.UP_TO_DATE, report(replicate("--json", source, target)).outcome());
  }

  private static String address(String scheme, LabHost host, String path) {
    return scheme + "://root@127.0.0.1:" + host.setting("Port") + path;
  }

  private Result replicate(String... arguments) throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--recursive",
                "--identity",
                lab.a().setting("IdentityFile"),
                "--known-hosts",
                lab.a().setting("UserKnownHostsFile")));
    words.addAll(List.of(arguments));
    return Launcher.run("replicate.Replicate", words.toArray(String[]::new));
  }

  private static SyncReport report(Result result) {
    assertEquals(0, result.exitStatus(), () -> result.output() + result.errors());
    return ReplicationJson.readReport(result.output().strip());
  }
}
