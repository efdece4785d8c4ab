package io.replication4j.examples.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.examples.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole story, told on real storage; it compares source and target file by file itself. */
class QuickstartIT {

  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"btrfs", "btrfs --ssh", "zfs", "zfs --ssh"})
  void repairsWhatWasKilledAndLeavesNothingBehind(String arguments)
      throws IOException, InterruptedException {
    String[] words = ("--directory " + directory + " --backend " + arguments).split(" ");
    assumeTrue(isPossible(words[3]), "needs root, loop devices or /dev/fuse, and the tools");
    Launcher.Result result = Launcher.run("quickstart.Quickstart", words);
    assertEquals(0, result.exitStatus(), result::errors);
    assertTrue(result.output().contains("9. Done"), result::output);
    assertEquals(List.of(), List.of(directory.toFile().list()));
  }

  private static boolean isPossible(String backend) {
    boolean storage =
        backend.equals("btrfs")
            ? Files.exists(Path.of("/dev/loop-control")) && isInstalled("mkfs.btrfs")
            : Files.exists(Path.of("/dev/zfs"))
                || Files.exists(Path.of("/dev/fuse")) && isInstalled("zfs-fuse");
    return storage && System.getProperty("user.name").equals("root") && isInstalled("sshd");
  }

  private static boolean isInstalled(String program) {
    return Files.isExecutable(Path.of("/usr/sbin", program))
        || Files.isExecutable(Path.of("/sbin", program));
  }
}
