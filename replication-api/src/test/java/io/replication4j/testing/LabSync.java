package io.replication4j.testing;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncReport;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/** Syncs from host a to host b in a JVM of their own, so that they can be killed. */
public final class LabSync {

  /** Printed when the first sync may begin. */
  private static final String READY = "ready";

  private LabSync() {}

  /**
   * What the program does. It ends with status 0 if all syncs succeeded.
   *
   * @param args ssh_config(5), name of the pair, and for each sync its source, its target, its
   *     {@link SyncPolicy.Route} and the milliseconds after which it begins, separated by tabs
   * @param backend the kind of storage
   */
  public static void main(String[] args, Function<CommandRunner, StorageBackend> backend)
      throws Exception {
    try (SshCommandRunner a = connect("a", args[0]);
        SshCommandRunner b = connect("b", args[0])) {
      List<FutureTask<SyncReport>> syncs = new ArrayList<>();
      for (String arguments : List.of(args).subList(2, args.length)) {
        String[] words = arguments.split("\t");
        ReplicationPair pair =
            ReplicationPair.builder(args[1])
                .source(Filesystem.of(backend.apply(a), FilesystemName.of(words[0])))
                .target(Filesystem.of(backend.apply(b), FilesystemName.of(words[1])))
                .recursive(true)
                .policy(SyncPolicy.refusing().toBuilder().route(Route.valueOf(words[2])).build())
                .build();
        syncs.add(
            new FutureTask<>(
                () -> {
                  Thread.sleep(Long.parseLong(words[3]));
                  return pair.sync(SyncListener.NONE);
                }));
      }
      System.out.println(READY);
      syncs.forEach(sync -> new Thread(sync).start());
      for (FutureTask<SyncReport> sync : syncs) {
        sync.get();
      }
    }
  }

  private static SshCommandRunner connect(String host, String config) throws InterruptedException {
    return SshCommandRunner.connect(
        SshOptions.builder(host)
            .configFile(Path.of(config))
            .withoutAgent()
            .keepAlive(Duration.ofSeconds(10))
            .build());
  }

  /**
   * Starts {@code program}, a class whose {@code main} is {@link #main}, and returns when its syncs
   * begin.
   */
  static Process start(Class<?> program, List<String> args) {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName());
    builder.command().addAll(args);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = builder.start();
      process.inputReader().readLine();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
