package io.replication4j.examples.benchmark;

import io.replication4j.examples.dds.Dds;
import io.replication4j.examples.lab.Tools;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowWriter;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * A whole volume of which an eighth is used, as a first stream: on sparse files, against dd of as
 * many bytes. The used chunks are known, as they are of a thin volume. Of a classic one nothing
 * lists them, so that its zeroes are read, by cmp(1) on its own host: a row of its own. The merge
 * runs in a JVM with 64 MiB.
 */
final class SparseBench implements AutoCloseable {

  private static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();
  private static final int PARTS = 8;
  private static final int PIECE = 16 << 20;

  private final Tools tools = new Tools();
  private final Stopwatch stopwatch = new Stopwatch(tools);
  private final Path directory;
  private final Path source;
  private final Path plain;
  private final Path destination;
  private final Path output;
  private final long used;
  private final ChunkSet chunks;

  private final Runs dd = new Runs();
  private final Runs extract = new Runs();
  private final Runs merge = new Runs();
  private final Runs zeroes = new Runs();

  /**
   * @param mebibytes how much is used, a multiple of 16
   */
  SparseBench(Path parent, int mebibytes) throws IOException {
    this.directory = Files.createTempDirectory(parent, "sparse-bench");
    this.source = directory.resolve("source");
    this.plain = directory.resolve("plain");
    this.destination = directory.resolve("destination");
    this.output = directory.resolve("output");
    this.used = (long) mebibytes << 20;
    this.chunks = fill();
  }

  /** Every eighth piece of the source, and the same bytes one after the other. */
  private ChunkSet fill() throws IOException {
    Random random = new Random(7);
    byte[] piece = new byte[PIECE];
    ChunkSet.Builder filled = ChunkSet.builder();
    try (RandomAccessFile sparse = new RandomAccessFile(source.toFile(), "rw");
        RandomAccessFile dense = new RandomAccessFile(plain.toFile(), "rw")) {
      sparse.setLength(used * PARTS);
      for (long at = 0; at < used; at += PIECE) {
        random.nextBytes(piece);
        sparse.seek(at * PARTS);
        sparse.write(piece);
        dense.write(piece);
        filled.add(at * PARTS / GEOMETRY.chunkBytes(), PIECE / GEOMETRY.chunkBytes());
      }
    }
    return filled.build();
  }

  /** All ways, in turns, that often, after one round that does not count. */
  void run(int runs) throws IOException, InterruptedException {
    round();
    for (Runs all : new Runs[] {dd, extract, merge, zeroes}) {
      all.clear();
    }
    for (int i = 1; i <= runs; i++) {
      round();
      System.err.println("benchmark: sparse volume, run " + i + " of " + runs);
    }
  }

  private void round() throws IOException, InterruptedException {
    dd.add(
        stopwatch.time(
            () -> tools.run("dd", "if=" + plain, "of=" + output, "bs=1M", "conv=fsync")));
    extract.add(stopwatch.time(this::extract));
    empty(destination);
    merge.add(stopwatch.time(this::merge));
    zeroes.add(stopwatch.time(this::lookForZeroes));
  }

  private void extract() throws IOException {
    StreamIdentity identity =
        new StreamIdentity(Optional.empty(), Optional.empty(), used * PARTS, chunks.size());
    try (FileChannel in = FileChannel.open(source);
        FileChannel out =
            FileChannel.open(
                output,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
      CowWriter.write(GEOMETRY, identity, chunks, (at, into) -> in.read(into, at), out);
      out.force(true);
    }
  }

  private void empty(Path file) throws IOException {
    Files.deleteIfExists(file);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(used * PARTS);
    }
  }

  private void merge() throws InterruptedException {
    tools.run(
        ProcessHandle.current().info().command().orElse("java"),
        "-Xmx64m",
        "-cp",
        System.getProperty("java.class.path"),
        Dds.class.getName(),
        "--merge",
        "--dest",
        destination.toString(),
        "--input",
        output.toString());
  }

  /** As many as the volume has that are not used. */
  private void lookForZeroes() throws InterruptedException {
    String unused = Long.toString(used * (PARTS - 1));
    tools.run("sh", "-c", "head -c \"$1\" /dev/zero | cmp -n \"$1\" - /dev/zero", "sh", unused);
  }

  /** The results, as Markdown. */
  String markdown() throws IOException {
    return String.join(
        "\n",
        "## A sparse volume",
        "",
        "A file of "
            + ((used * PARTS) >> 20)
            + " MiB of which "
            + (used >> 20)
            + " MiB are used; the stream has "
            + (Files.size(output) >> 20)
            + " MiB.",
        "",
        "| whole volume | time | ratio | goal |",
        "|---|---|---|---|",
        row("`dd conv=fsync` of the used bytes", dd, ""),
        row("extract of the used chunks, as of a thin volume", extract, "follows what is used"),
        row(
            "`dds --merge` into an empty file, cold start, `-Xmx64m`",
            merge,
            "follows what is used"),
        row("`cmp` of the other bytes with zeroes, as of a classic volume", zeroes, ""),
        "");
  }

  private String row(String what, Runs runs, String goal) {
    return String.format(
        Locale.ROOT, "| %s | %s | %.2f | %s |", what, runs, runs.ratioTo(dd), goal);
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
