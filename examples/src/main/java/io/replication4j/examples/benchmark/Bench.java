package io.replication4j.examples.benchmark;

import io.replication4j.Filesystem;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.examples.lab.Lab;
import io.replication4j.examples.lab.LabException;
import io.replication4j.testing.OpenSshServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Full syncs of one btrfs subvolume in the ways that are compared, each timed from the snapshot to
 * a target that holds it. Every run starts alike: the source read into the page cache, the target
 * empty, nothing waiting to be written to either.
 */
final class Bench implements AutoCloseable {

  private static final String LEAF = "data";
  private static final int BLOCK = 1 << 20;

  private final Lab lab;
  private final String source;
  private final String mount;
  private int run;

  Bench(Path directory, int mebibytes) throws IOException, InterruptedException {
    this.lab = Lab.open("btrfs", true, directory, 3L * mebibytes * BLOCK + (1L << 30));
    this.source = lab.storage().createSource(LEAF);
    this.mount = lab.directory().resolve("target").toString();
    fill(lab.storage().sourceDirectory(LEAF), mebibytes);
  }

  /** Incompressible files of 64 MiB. */
  private static void fill(Path directory, int mebibytes) throws IOException {
    Random random = new Random(7);
    byte[] block = new byte[BLOCK];
    for (int at = 0; at < mebibytes; at += 64) {
      try (OutputStream file = Files.newOutputStream(directory.resolve("file" + at))) {
        for (int i = 0; i < Math.min(64, mebibytes - at); i++) {
          random.nextBytes(block);
          file.write(block);
        }
      }
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private double timed(Work work) throws IOException, InterruptedException {
    settle();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    cleanUp();
    return seconds;
  }

  private void settle() throws InterruptedException {
    lab.tools().run("sh", "-c", "cat \"$1\"/* >/dev/null && sync", "sh", source);
  }

  /**
   * Removes every subvolume of the target, and our snapshots of the source, and waits until the
   * space is free.
   */
  private void cleanUp() throws InterruptedException {
    String sourceMount = lab.directory().resolve("source").toString();
    for (String top : List.of(mount, sourceMount)) {
      List<String> paths =
          lab.tools()
              .run("btrfs", "subvolume", "list", "-o", top)
              .lines()
              .map(l -> l.split(" ", 9)[8])
              .toList();
      deleteAll(top, paths);
    }
    lab.tools().run("sync");
  }

  private void deleteAll(String top, List<String> paths) throws InterruptedException {
    for (String path : paths) {
      String subvolume = top + "/" + path;
      if (!subvolume.equals(source)) {
        List<String> below =
            lab.tools()
                .run("btrfs", "subvolume", "list", "-o", subvolume)
                .lines()
                .map(l -> l.split(" ", 9)[8])
                .toList();
        deleteAll(top, below);
        lab.tools().run("btrfs", "property", "set", "-f", "-t", "subvol", subvolume, "ro", "false");
        lab.tools().run("btrfs", "-q", "subvolume", "delete", "-c", subvolume);
      }
    }
    lab.tools().run("btrfs", "subvolume", "sync", top);
  }

  // ------------------------------------------------------------------ the ways

  /** The shell's own pipeline on this host. */
  double shell() throws IOException, InterruptedException {
    return timed(() -> pipeline("btrfs -q send \"$1\" | btrfs -q receive \"$2\""));
  }

  /** The same, until what was received is on disk, as it is after a sync. */
  double shellToDisk() throws IOException, InterruptedException {
    return timed(
        () ->
            pipeline(
                "btrfs -q send \"$1\" | btrfs -q receive \"$2\" && btrfs filesystem sync \"$2\""));
  }

  /**
   * The shell's own pipeline with OpenSSH's client, which connects anew, as it does in such a
   * script.
   */
  double shellOverSsh() throws IOException, InterruptedException {
    return timed(() -> pipeline("btrfs -q send \"$1\" | " + ssh() + " btrfs -q receive \"$2\""));
  }

  /** The same, until what was received is on disk, as it is after a sync. */
  double shellOverSshToDisk() throws IOException, InterruptedException {
    return timed(
        () ->
            pipeline(
                "btrfs -q send \"$1\" | "
                    + ssh()
                    + " \"btrfs -q receive $2 && btrfs filesystem sync $2\""));
  }

  private String ssh() {
    OpenSshServer server = lab.server();
    return "ssh -F none -c aes128-gcm@openssh.com -o BatchMode=yes -o UserKnownHostsFile="
        + server.knownHosts()
        + " -i "
        + server.identity()
        + " -p "
        + server.port()
        + " root@127.0.0.1";
  }

  private void pipeline(String text) throws InterruptedException {
    String snapshot = source + "-snapshot";
    lab.tools().run("btrfs", "-q", "subvolume", "snapshot", "-r", source, snapshot);
    lab.tools().run("bash", "-c", "set -o pipefail; " + text, "bash", snapshot, mount);
  }

  /** A sync on this host, in this JVM. */
  double local() throws IOException, InterruptedException {
    return timed(() -> sync(pair(here(), SyncPolicy.refusing()), Outcome.SYNCED));
  }

  /** The same by a pipe between the two commands, past this JVM. */
  double direct() throws IOException, InterruptedException {
    SyncPolicy policy = SyncPolicy.builder(OnDivergence.REFUSE).route(Route.DIRECT).build();
    return timed(() -> sync(pair(here(), policy), Outcome.SYNCED));
  }

  private Filesystem here() {
    return Filesystem.of(lab.storage().backend(lab.here()), lab.target(targetName()).name());
  }

  /** A sync over the open session, in this JVM. */
  double warm() throws IOException, InterruptedException {
    return timed(() -> sync(pair(lab.target(targetName())), Outcome.SYNCED));
  }

  /**
   * A sync over SSH by the replicate command: its script, the start of the JVM, connecting and all.
   */
  double cold(String... jvmOptions) throws IOException, InterruptedException {
    return timed(() -> command(List.of(jvmOptions)));
  }

  private void command(List<String> jvmOptions) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("examples.directory") + "/replicate");
    command.addAll(lab.sshArguments());
    command.addAll(List.of(lab.sourceAddress(source), lab.targetAddress(targetName())));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_TOOL_OPTIONS", String.join(" ", jvmOptions));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new LabException(String.join(" ", command) + ": " + said);
    }
  }

  /** Syncs over the open session of a pair that is up to date. */
  Runs idle(int count) throws IOException, InterruptedException {
    settle();
    ReplicationPair pair = pair(lab.target(targetName()));
    sync(pair, Outcome.SYNCED);
    sync(pair, Outcome.UP_TO_DATE);
    Runs runs = new Runs();
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      sync(pair, Outcome.UP_TO_DATE);
      runs.add((System.nanoTime() - start) / 1e9);
    }
    cleanUp();
    return runs;
  }

  private String targetName() {
    return lab.storage().target(LEAF);
  }

  private ReplicationPair pair(Filesystem target) {
    return pair(target, SyncPolicy.refusing());
  }

  private ReplicationPair pair(Filesystem target, SyncPolicy policy) {
    return ReplicationPair.builder("bench-" + run++)
        .source(lab.source(source))
        .target(target)
        .policy(policy)
        .build();
  }

  private static void sync(ReplicationPair pair, Outcome expected) throws InterruptedException {
    SyncReport report = pair.sync(SyncListener.NONE);
    if (report.outcome() != expected) {
      throw new LabException(pair + ": " + report.outcome() + " instead of " + expected);
    }
  }

  @Override
  public void close() {
    lab.close();
  }
}
