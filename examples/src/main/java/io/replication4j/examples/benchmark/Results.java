package io.replication4j.examples.benchmark;

import io.replication4j.examples.lab.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** What was measured, and on what. */
final class Results {

  final Runs shell = new Runs();
  final Runs shellToDisk = new Runs();
  final Runs local = new Runs();
  final Runs direct = new Runs();
  final Runs shellOverSsh = new Runs();
  final Runs shellOverSshToDisk = new Runs();
  final Runs warm = new Runs();
  final Runs cold = new Runs();
  final Runs small = new Runs();
  Runs idle = new Runs();

  private final Path directory;
  private final int mebibytes;
  private final int longMebibytes;
  private final int runs;

  /**
   * @param directory where the filesystems' files were
   */
  Results(Path directory, int mebibytes, int longMebibytes, int runs) {
    this.directory = directory;
    this.mebibytes = mebibytes;
    this.longMebibytes = longMebibytes;
    this.runs = runs;
  }

  String markdown() throws IOException, InterruptedException {
    return String.join(
        "\n",
        "# Benchmarks",
        "",
        "Written by `examples/benchmark --record docs/benchmarks.md` on "
            + LocalDate.now(ZoneOffset.UTC)
            + ".",
        "Medians of "
            + runs
            + " runs each (least to most), the ways taken in turns. Every run is a full sync of one"
            + " btrfs",
        "subvolume with "
            + mebibytes
            + " MiB of incompressible files, timed from the snapshot to a target that holds it; a"
            + " sync also",
        "looks at both sides, flushes what it looks at, proves the arrival, installs the writable"
            + " copy, rotates and records.",
        "The page cache holds the source; the target is empty and nothing waits to be written.",
        "",
        "| on this host | time | ratio | goal |",
        "|---|---|---|---|",
        "| snapshot, `btrfs send \\| btrfs receive` | " + shell + " | 1 | |",
        "| the same, then `btrfs filesystem sync` of the target | "
            + shellToDisk
            + " | "
            + ratio(shellToDisk.ratioTo(shell))
            + " | |",
        "| sync in a warm JVM | " + local + " | " + ratio(local.ratioTo(shell)) + " | ≤ 1.05 |",
        "| the same by a pipe, `Route.DIRECT` | "
            + direct
            + " | "
            + ratio(direct.ratioTo(shell))
            + " | ≤ 1.05 |",
        "",
        "| over OpenSSH on loopback, aes128-gcm | time | ratio | goal |",
        "|---|---|---|---|",
        "| snapshot, `btrfs send \\| ssh … btrfs receive` | " + shellOverSsh + " | 1 | |",
        "| the same, then `btrfs filesystem sync` of the target | "
            + shellOverSshToDisk
            + " | "
            + ratio(shellOverSshToDisk.ratioTo(shellOverSsh))
            + " | |",
        "| sync in a warm JVM, open session | "
            + warm
            + " | "
            + ratio(warm.ratioTo(shellOverSsh))
            + " | ≤ 1.0 |",
        "| `replicate` from a cold start | "
            + cold
            + " | "
            + ratio(cold.ratioTo(shellOverSsh))
            + " | ≤ 1.3 |",
        "",
        "| | |",
        "|---|---|",
        "| a sync that finds nothing to do, over an open session ("
            + idle.count()
            + " runs) | "
            + idle
            + " |",
        "| a stream of "
            + longMebibytes
            + " MiB over SSH with `-Xmx64m` | passes, "
            + String.format(Locale.ROOT, "%.1f s", small.median())
            + " |",
        "",
        "## The machine",
        "",
        machine(),
        "");
  }

  private static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.2f", ratio);
  }

  private String machine() throws IOException, InterruptedException {
    try (Tools tools = new Tools()) {
      return String.join(
          "\n",
          "- "
              + firstValue("/proc/cpuinfo", "model name")
              + ", "
              + Runtime.getRuntime().availableProcessors()
              + " processors; "
              + firstValue("/proc/meminfo", "MemTotal")
              + " of memory",
          "- Linux "
              + tools.run("uname", "-r").strip()
              + ", "
              + tools.run("btrfs", "--version").strip()
              + ", "
              + tools.run("sh", "-c", "ssh -V 2>&1").strip(),
          "- Java " + Runtime.version() + ", " + System.getProperty("java.vm.name"),
          "- both filesystems are loop-mounted files on "
              + tools
                  .run("findmnt", "-n", "-f", "-o", "FSTYPE", "--target", directory.toString())
                  .strip());
    }
  }

  private static String firstValue(String file, String key) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
