package io.replication4j.examples.benchmark;

import io.replication4j.examples.dds.Dds;
import io.replication4j.examples.lab.Tools;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowExtract;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowMerge;
import io.replication4j.lvm.cow.CowWriter;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * Differences of block devices, extracted and merged on plain files, against dd of the same bytes.
 * Every run ends when its result is on disk, and begins with everything in the page cache and
 * nothing waiting to be written.
 */
final class CowBench implements AutoCloseable {

  private static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();
  private static final int BLOCK = 1 << 20;
  private static final int SCATTERED = 100_000;

  private final Tools tools = new Tools();
  private final Stopwatch stopwatch = new Stopwatch(tools);
  private final Path directory;
  private final Path source;
  private final Path destination;
  private final Path output;
  private final long bytes;

  /** A delta that is one run of chunks, or one of scattered chunks, and how long each way took. */
  private final class Delta {

    final Path store;
    final Path stream;
    final long dataBytes;
    final Runs extract = new Runs();
    final Runs merge = new Runs();
    final Runs mergeFromPipe = new Runs();
    final Runs mergeNonAtomic = new Runs();

    Delta(String name, ChunkSet chunks) throws IOException, InterruptedException {
      this.store = directory.resolve(name + ".store");
      this.stream = directory.resolve(name + ".stream");
      this.dataBytes = chunks.size() * GEOMETRY.chunkBytes();
      StreamIdentity identity =
          new StreamIdentity(Optional.empty(), Optional.empty(), bytes, chunks.size());
      try (FileChannel in = FileChannel.open(source);
          FileChannel out =
              FileChannel.open(store, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        CowWriter.write(GEOMETRY, identity, chunks, (at, into) -> in.read(into, at), out);
      }
      extractTo(stream);
    }

    void run() throws IOException, InterruptedException {
      extract.add(toNewFile(() -> extractTo(output)));
      merge.add(stopwatch.time(() -> CowMerge.into(destination).merge(stream)));
      mergeFromPipe.add(stopwatch.time(this::mergeFromPipe));
      mergeNonAtomic.add(
          stopwatch.time(() -> CowMerge.into(destination).nonAtomic().merge(stream)));
    }

    private void extractTo(Path file) throws InterruptedException {
      CowExtract.extract(store, source, Optional.empty(), Optional.empty(), file);
    }

    private void mergeFromPipe() throws IOException, InterruptedException {
      try (FileChannel in = FileChannel.open(stream)) {
        CowMerge.into(destination).merge(in);
      }
    }
  }

  private final Runs ddToNewFile = new Runs();
  private final Runs ddInPlace = new Runs();
  private final Runs cold = new Runs();
  private final Delta contiguous;
  private final Delta scattered;

  CowBench(Path parent, int mebibytes) throws IOException, InterruptedException {
    this.directory = Files.createTempDirectory(parent, "cow-bench");
    this.source = directory.resolve("source");
    this.destination = directory.resolve("destination");
    this.output = directory.resolve("output");
    this.bytes = (long) mebibytes * BLOCK;
    fill(source, mebibytes);
    Files.copy(source, destination);
    long chunks = bytes / GEOMETRY.chunkBytes();
    this.contiguous = new Delta("contiguous", ChunkSet.builder().add(0, chunks).build());
    this.scattered = new Delta("scattered", everySecond(Math.min(SCATTERED, chunks / 2)));
  }

  private static void fill(Path file, int mebibytes) throws IOException {
    Random random = new Random(7);
    byte[] block = new byte[BLOCK];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < mebibytes; i++) {
        random.nextBytes(block);
        out.write(block);
      }
    }
  }

  private static ChunkSet everySecond(long count) {
    ChunkSet.Builder chunks = ChunkSet.builder();
    for (long i = 0; i < count; i++) {
      chunks.add(2 * i);
    }
    return chunks.build();
  }

  private double toNewFile(Stopwatch.Work work) throws IOException, InterruptedException {
    Files.deleteIfExists(output);
    return stopwatch.time(work);
  }

  /** All ways, in turns, that often, after one round that does not count. */
  void run(int runs) throws IOException, InterruptedException {
    round();
    forget();
    for (int i = 1; i <= runs; i++) {
      round();
      System.err.println("benchmark: COW streams, run " + i + " of " + runs);
    }
  }

  private void round() throws IOException, InterruptedException {
    ddToNewFile.add(toNewFile(() -> dd(output, "fsync")));
    ddInPlace.add(stopwatch.time(() -> dd(destination, "notrunc,fsync")));
    cold.add(toNewFile(this::command));
    contiguous.run();
    scattered.run();
  }

  private void forget() {
    ddToNewFile.clear();
    ddInPlace.clear();
    cold.clear();
    for (Delta delta : new Delta[] {contiguous, scattered}) {
      delta.extract.clear();
      delta.merge.clear();
      delta.mergeFromPipe.clear();
      delta.mergeNonAtomic.clear();
    }
  }

  private void dd(Path to, String conversion) throws InterruptedException {
    tools.run("dd", "if=" + source, "of=" + to, "bs=1M", "conv=" + conversion);
  }

  private void command() throws InterruptedException {
    tools.run(
        ProcessHandle.current().info().command().orElse("java"),
        "-Xmx64m",
        "-cp",
        System.getProperty("java.class.path"),
        Dds.class.getName(),
        "--extract",
        "--cow",
        contiguous.store.toString(),
        "--source",
        source.toString(),
        "--output",
        output.toString());
  }

  /** The results, as Markdown. */
  String markdown() {
    return String.join(
        "\n",
        "## COW streams",
        "",
        "Plain files; a difference of "
            + (bytes >> 20)
            + " MiB in one piece, and one of "
            + scattered.dataBytes / GEOMETRY.chunkBytes()
            + " chunks of 4 KiB, every second one. Each time ends",
        "when the result is on disk; a merge checks the whole stream before it writes.",
        "",
        "| in one piece | time | ratio | goal |",
        "|---|---|---|---|",
        row("`dd conv=fsync` of as many bytes to a new file", ddToNewFile, ddToNewFile, ""),
        row("extract to a new file", contiguous.extract, ddToNewFile, "≤ 1.1"),
        row("`dds --extract` from a cold start, `-Xmx64m`", cold, ddToNewFile, ""),
        row("`dd conv=notrunc,fsync` into the destination", ddInPlace, ddInPlace, ""),
        row("merge of a file", contiguous.merge, ddInPlace, "≤ 1.1"),
        row("merge of a file, non-atomic", contiguous.mergeNonAtomic, ddInPlace, "≤ 1.1"),
        row(
            "merge from a pipe: journal, then destination",
            contiguous.mergeFromPipe,
            ddInPlace,
            ""),
        "",
        "| scattered | time | rate | goal |",
        "|---|---|---|---|",
        rate("extract", scattered.extract),
        rate("merge of a file", scattered.merge),
        rate("merge of a file, non-atomic", scattered.mergeNonAtomic),
        rate("merge from a pipe", scattered.mergeFromPipe),
        "");
  }

  private static String row(String what, Runs runs, Runs plain, String goal) {
    String ratio = runs == plain ? "1" : String.format(Locale.ROOT, "%.2f", runs.ratioTo(plain));
    return "| " + what + " | " + runs + " | " + ratio + " | " + goal + " |";
  }

  private String rate(String what, Runs runs) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.0f MB/s | ≥ 200 MB/s |",
        what,
        runs,
        scattered.dataBytes / 1e6 / runs.median());
  }

  @Override
  public void close() throws IOException {
    tools.close();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
