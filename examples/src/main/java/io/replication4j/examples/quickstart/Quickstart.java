package io.replication4j.examples.quickstart;

import io.replication4j.examples.lab.Lab;
import io.replication4j.examples.support.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows a replication on filesystems of its own: {@code quickstart --help}. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    version = "replication4j 0.1.0-SNAPSHOT",
    usageHelpWidth = 100,
    description = {
      "Makes two filesystems in files and replicates one to the other: plan, first sync, changes, increment,"
          + " nothing to do, a killed sync and its repair; compares file by file; removes everything.",
      "Run it as root. Touches nothing but its own directory; missing packages are installed with apt."
    })
public final class Quickstart implements Callable<Integer> {

  private static final Duration TO_CLEAN_UP = Duration.ofMinutes(1);
  private static final long BYTES = 768L << 20;

  @Option(names = "--backend", paramLabel = "btrfs|zfs", description = "default: btrfs")
  private String backend = "btrfs";

  @Option(names = "--ssh", description = "put the target behind a real OpenSSH server on loopback")
  private boolean ssh;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "where to make the files (default: /tmp)")
  private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

  @Spec private CommandSpec spec = CommandSpec.create();

  private Quickstart() {}

  public static void main(String[] args) {
    Commands.run(new Quickstart(), TO_CLEAN_UP, "ended; everything made here is removed", args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!backend.equals("btrfs") && !backend.equals("zfs")) {
      throw new ParameterException(spec.commandLine(), "no such backend: '" + backend + "'");
    }
    try (Lab lab = Lab.open(backend, ssh, directory, BYTES)) {
      new Story(lab, System.out).tell();
    }
    return 0;
  }
}
