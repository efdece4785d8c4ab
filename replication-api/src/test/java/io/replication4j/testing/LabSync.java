package io.replication4j.testing;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** One sync from host a to host b in a JVM of its own, so that it can be killed. */
public final class LabSync {

  /** Printed when the sync begins. */
  private static final String READY = "ready";

  private LabSync() {}

  /**
   * What the program does. It ends with status 0 if the sync succeeded.
   *
   * @param args ssh_config(5), name of the pair, source, target
   * @param backend the kind of storage
   */
  public static void main(String[] args, Function<CommandRunner, StorageBackend> backend)
      throws InterruptedException {
    try (SshCommandRunner a = connect("a", args[0]);
        SshCommandRunner b = connect("b", args[0])) {
      ReplicationPair pair =
          ReplicationPair.builder(args[1])
              .source(Filesystem.of(backend.apply(a), FilesystemName.of(args[2])))
              .target(Filesystem.of(backend.apply(b), FilesystemName.of(args[3])))
              .recursive(true)
              .policy(SyncPolicy.refusing())
              .build();
      System.out.println(READY);
      pair.sync(SyncListener.NONE);
    }
  }

  private static SshCommandRunner connect(String host, String config) throws InterruptedException {
    return SshCommandRunner.connect(
        SshOptions.builder(host)
            .configFile(Path.of(config))
            .withoutAgent()
            .keepAlive(Duration.ofSeconds(5))
            .build());
  }

  /**
   * Starts {@code program}, a class whose {@code main} is {@link #main}, and returns when its sync
   * begins.
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
