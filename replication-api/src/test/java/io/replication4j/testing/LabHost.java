package io.replication4j.testing;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One host of the {@link Lab}: root by SSH, four empty disks, a power switch and a network cable.
 * Commands may be run by several threads; power and cable are one thread's.
 */
public final class LabHost {

  /** Takes down all that a test may have put on the disks. */
  private static final String RESET =
      """
      cd /
      while read -r device place rest; do
        case $place in /mnt/*) umount -l "$(printf %b "$place")" || exit;; esac
      done </proc/mounts
      for pool in $(zpool list -H -o name); do zpool destroy -f "$pool" || exit; done
      for group in $(vgs --noheadings -o vg_name); do vgremove -q -ff -y "$group" || exit; done
      rm -rf /etc/zfs/zpool.cache
      for disk in /dev/disk/by-id/virtio-disk?; do wipefs -q -a "$disk" || exit; done
      udevadm settle
      """;

  private final Lab lab;
  private final String name;
  private final Path config;
  private final SshCommandRunner runner;

  private LabHost(Lab lab, String name, Path config, SshCommandRunner runner) {
    this.lab = lab;
    this.name = name;
    this.config = config;
    this.runner = runner;
  }

  static LabHost connect(Lab lab, String name, Path config) throws InterruptedException {
    return new LabHost(lab, name, config, SshCommandRunner.connect(options(name, config)));
  }

  private static SshOptions options(String name, Path config) {
    return SshOptions.builder(name)
        .configFile(config)
        .withoutAgent()
        .keepAlive(Duration.ofSeconds(10))
        .build();
  }

  /** {@code a} or {@code b}: what the other host calls it too. */
  public String name() {
    return name;
  }

  /** An ssh_config(5) that knows this host by its {@link #name}. */
  public Path config() {
    return config;
  }

  /**
   * What {@link #config} says about this host: {@code Port}, {@code IdentityFile} and so on.
   *
   * @throws IllegalStateException if it says nothing about that
   */
  public String setting(String keyword) {
    try {
      return Files.readString(config)
          .lines()
          .dropWhile(line -> !line.equals("Host " + name))
          .map(String::strip)
          .filter(line -> line.startsWith(keyword + " "))
          .map(line -> line.substring(keyword.length() + 1).replace("\"", ""))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no " + keyword + " in " + config));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connected as root; closed with the lab. Finds the host again after it was off. */
  public CommandRunner runner() {
    return runner;
  }

  /** One more connection, which the caller closes. */
  public SshCommandRunner connect() throws InterruptedException {
    return SshCommandRunner.connect(options(name, config));
  }

  /** An empty disk: 1 to 3 have 4 GiB, 4 has 256 MiB. */
  public static String disk(int number) {
    return "/dev/disk/by-id/virtio-disk" + number;
  }

  /**
   * Runs a command and returns its output.
   *
   * @throws IllegalStateException if its exit status is not 0
   */
  public String run(String... argv) throws InterruptedException {
    return run(Command.of(argv));
  }

  /**
   * Runs a script of sh(1), which sees {@code arguments} as {@code $1} and so on, and ends at the
   * first failure.
   */
  public String shell(String script, String... arguments) throws InterruptedException {
    List<String> argv = new ArrayList<>(List.of("sh", "-euc", script, "sh"));
    argv.addAll(Arrays.asList(arguments));
    return run(Command.of(argv));
  }

  /** As {@link #run(String...)}. */
  public String run(Command command) throws InterruptedException {
    CommandResult result = runner.run(command.withTimeout(Duration.ofMinutes(5)));
    if (!result.succeeded()) {
      throw new IllegalStateException(
          command + " on " + name + ": exit " + result.exitStatus() + ": " + result.errorTail());
    }
    return result.output();
  }

  /** Cuts the power. */
  public void kill() throws InterruptedException {
    lab.call("kill", name);
  }

  /**
   * Boots the host if it is off, resumes and plugs it in if it is not, and waits until it answers;
   * its disks are as they were.
   */
  public void up() throws InterruptedException {
    lab.call("up", name);
  }

  /** Pulls the network cable: packets are lost, and nobody is told. */
  public void cut() throws InterruptedException {
    lab.call("cut", name);
  }

  /** Plugs the network cable in again. */
  public void mend() throws InterruptedException {
    lab.call("mend", name);
  }

  /** Freezes the host. */
  public void pause() throws InterruptedException {
    lab.call("pause", name);
  }

  /** Lets it go on. */
  public void resume() throws InterruptedException {
    lab.call("resume", name);
  }

  /** The host runs and its disks are empty; one that cannot be tidied up gets new disks. */
  void reset() throws InterruptedException {
    up();
    if (!runner.run(Command.of("sh", "-c", RESET).withTimeout(Duration.ofMinutes(1))).succeeded()) {
      lab.call("reset", name);
      up();
    }
  }
}
