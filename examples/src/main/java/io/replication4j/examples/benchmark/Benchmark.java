package io.replication4j.examples.benchmark;

import io.replication4j.examples.support.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures syncs against the plain shell pipelines: {@code benchmark --help}. */
@Command(
    name = "benchmark",
    mixinStandardHelpOptions = true,
    version = "replication4j 0.1.0-SNAPSHOT",
    usageHelpWidth = 100,
    description = {
      "Full btrfs syncs against btrfs send | btrfs receive, on this host and over OpenSSH on"
          + " loopback, in turns; the time of a sync that finds nothing to do; a long stream"
          + " through a small JVM; COW streams against dd.",
      "Run it as root on a machine that does nothing else. Touches nothing but its own directory."
    })
public final class Benchmark implements Callable<Integer> {

  private static final Duration TO_CLEAN_UP = Duration.ofMinutes(2);
  private static final int WARM_UP = 3;

  @Option(names = "--runs", description = "of each kind (default: ${DEFAULT-VALUE})")
  private int runs = 9;

  @Option(
      names = "--mebibytes",
      description = "how much each run moves (default: ${DEFAULT-VALUE})")
  private int mebibytes = 1024;

  @Option(
      names = "--long-mebibytes",
      description = "how long the long stream is (default: ${DEFAULT-VALUE})")
  private int longMebibytes = 4096;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "where to make the files (default: /tmp)")
  private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "write the results to this file, as Markdown")
  private Optional<Path> record = Optional.empty();

  private Benchmark() {}

  public static void main(String[] args) {
    Commands.run(new Benchmark(), TO_CLEAN_UP, "ended; everything made here is removed", args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Results results = new Results(directory, mebibytes, longMebibytes, runs);
    try (Bench bench = new Bench(directory, mebibytes)) {
      warmUp(bench);
      compare(bench, results);
      results.idle = bench.idle(Math.max(20, runs));
    }
    try (Bench bench = new Bench(directory, longMebibytes)) {
      results.small.add(bench.cold("-Xmx64m"));
    }
    String text = results.markdown();
    try (CowBench bench = new CowBench(directory, mebibytes)) {
      bench.run(runs);
      text += "\n" + bench.markdown();
    }
    try (SparseBench bench = new SparseBench(directory, mebibytes)) {
      bench.run(runs);
      text += "\n" + bench.markdown();
    }
    System.out.println(text);
    if (record.isPresent()) {
      Files.writeString(record.get(), text);
    }
    return 0;
  }

  private static void warmUp(Bench bench) throws IOException, InterruptedException {
    for (int i = 0; i < WARM_UP; i++) {
      bench.local();
      bench.direct();
      bench.warm();
    }
    bench.shell();
    bench.shellOverSsh();
  }

  /** One of each after the other, so that what else happens on the machine meets all alike. */
  private void compare(Bench bench, Results results) throws IOException, InterruptedException {
    for (int i = 1; i <= runs; i++) {
      results.shell.add(bench.shell());
      results.local.add(bench.local());
      results.direct.add(bench.direct());
      results.shellToDisk.add(bench.shellToDisk());
      results.shellOverSsh.add(bench.shellOverSsh());
      results.shellOverSshToDisk.add(bench.shellOverSshToDisk());
      results.warm.add(bench.warm());
      results.cold.add(bench.cold());
      System.err.println("benchmark: run " + i + " of " + runs);
    }
  }
}
