package io.replication4j.examples.lab;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import io.replication4j.testing.OpenSshServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an example works on: a source, a target, and, if wanted, a real OpenSSH server on loopback between them.
 * Closing ends and removes all of it.
 */
public final class Lab implements AutoCloseable {

  private final Tools tools = new Tools();
  private final Path directory;
  private Optional<Storage> storage = Optional.empty();
  private Optional<OpenSshServer> server = Optional.empty();
  private final CommandRunner here = LocalCommandRunner.create();
  private Optional<CommandRunner> there = Optional.empty();

  private Lab(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens one.
   *
   * @param backend {@code btrfs} or {@code zfs}
   * @param ssh whether the target is behind an SSH server
   * @param parent where to make the directory with the files
   * @param bytes the size of each filesystem; its file takes what is used
   * @throws LabException if this machine cannot give it
   */
  public static Lab open(String backend, boolean ssh, Path parent, long bytes) throws InterruptedException {
    Lab lab = new Lab(directory(parent));
    boolean done = false;
    try {
      lab.make(backend, bytes);
      if (ssh) {
        lab.connect();
      }
      done = true;
      return lab;
    } finally {
      if (!done) {
        lab.close();
      }
    }
  }

  private static Path directory(Path parent) {
    try {
      return Files.createDirectory(
          parent.toAbsolutePath().resolve("replication4j." + ProcessHandle.current().pid()));
    } catch (IOException e) {
      throw new LabException("no directory for the files can be made in " + parent + ": " + e.getMessage());
    }
  }

  private void make(String backend, long bytes) throws InterruptedException {
    storage =
        Optional.of(
            backend.equals("zfs")
                ? ZfsStorage.create(tools, directory, bytes)
                : BtrfsStorage.create(tools, directory, bytes));
  }

  private void connect() throws InterruptedException {
    if (!OpenSshServer.isInstalled()) {
      throw new LabException("sshd is missing: install OpenSSH's server");
    }
    try {
      // no start-up files: a login shell that takes its time does so for every command
      server = Optional.of(OpenSshServer.start("SetEnv HOME=" + directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    there = Optional.of(newSession());
  }

  /** Another session with the server. */
  public SshCommandRunner newSession() throws InterruptedException {
    return SshCommandRunner.connect(
        SshOptions.builder(server().address())
            .identity(server().identity())
            .knownHosts(server().knownHosts())
            .withoutConfigFile()
            .build());
  }

  public Tools tools() {
    return tools;
  }

  public Path directory() {
    return directory;
  }

  public Storage storage() {
    return storage.orElseThrow();
  }

  public OpenSshServer server() {
    return server.orElseThrow();
  }

  /** The runner of the source's host. */
  public CommandRunner here() {
    return here;
  }

  /** The runner of the target's host. */
  public CommandRunner there() {
    return there.orElse(here);
  }

  /** A filesystem of the source side, by the name that {@link Storage#createSource} gave. */
  public Filesystem source(String name) {
    return Filesystem.of(storage().backend(here), FilesystemName.of(name));
  }

  /** A filesystem of the target side. */
  public Filesystem target(String name) {
    return Filesystem.of(storage().backend(there()), FilesystemName.of(name));
  }

  /** What the replicate command calls the source. */
  public String sourceAddress(String name) {
    return storage().scheme() + ":" + name;
  }

  /** What the replicate command calls the target. */
  public String targetAddress(String name) {
    String path = name.startsWith("/") ? name : "/" + name;
    return server
        .map(s -> storage().scheme() + "://" + s.address() + path)
        .orElse(sourceAddress(name));
  }

  /** What the replicate command needs to reach the server. */
  public List<String> sshArguments() {
    return server
        .map(s -> List.of("--identity", s.identity().toString(), "--known-hosts", s.knownHosts().toString()))
        .orElse(List.of());
  }

  @Override
  public void close() throws InterruptedException {
    boolean interrupted = Thread.interrupted(); // cleaning up is not to be interrupted
    try {
      there.ifPresent(CommandRunner::close);
      here.close();
      closeServer();
      if (storage.isPresent()) {
        storage.get().close();
      } else {
        tools.run("rm", "-rf", "--one-file-system", directory.toString());
      }
    } finally {
      tools.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void closeServer() {
    server.ifPresent(
        s -> {
          try {
            s.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
