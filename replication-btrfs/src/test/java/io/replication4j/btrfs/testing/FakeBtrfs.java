package io.replication4j.btrfs.testing;

import static java.util.Objects.requireNonNull;

import io.replication4j.btrfs.testing.FakeNode.FakeDirectory;
import io.replication4j.btrfs.testing.FakeNode.FakeFile;
import io.replication4j.btrfs.testing.FakeNode.FakeSubvolume;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.FakeLocks;
import io.replication4j.testing.FakeProcess;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A host with one btrfs, in memory: understands the commands that {@link
 * io.replication4j.btrfs.BtrfsBackend} runs, answers and refuses as the real tools do, and keeps
 * what a stream left behind that was cut. For tests of host applications, and of ourselves. Streams
 * are real ones, but hold texts only, and fit into memory. Thread-safe.
 */
public final class FakeBtrfs implements CommandRunner {

  /** What the host has to exchange two names with. */
  public enum Exchange {
    /** {@code mv --exchange}. */
    MV,
    /** perl(1). */
    PERL,
    /** Nothing: it can only rename. */
    NONE
  }

  private static final int XARGS_FAILURE = 123;

  private final String host;
  private final Exchange exchange;
  private final FakeVolume volume;
  private final FakeLocks locks = new FakeLocks();

  private FakeBtrfs(String host, String point, Exchange exchange, Clock clock) {
    this.host = requireNonNull(host, "host");
    this.exchange = requireNonNull(exchange, "exchange");
    this.volume = new FakeVolume(point, clock);
  }

  /** A host with an empty btrfs whose top is mounted at {@code point}, an absolute path. */
  public static FakeBtrfs mounted(String host, String point, Exchange exchange, Clock clock) {
    return new FakeBtrfs(host, point, exchange, clock);
  }

  // ------------------------------------------------------------------ what its users do

  /** Makes a subvolume in a directory that exists. */
  public synchronized void createSubvolume(String path) {
    volume.createSubvolume(path);
  }

  /** Deletes a subvolume with all that is in it. */
  public synchronized void deleteTree(String path) {
    List<String> nested =
        volume.subvolumes().stream()
            .map(located -> volume.point() + "/" + located.path())
            .filter(other -> other.equals(path) || other.startsWith(path + "/"))
            .sorted((a, b) -> Integer.compare(b.length(), a.length()))
            .toList();
    nested.forEach(volume::deleteSubvolume);
  }

  /** Renames whatever is there. */
  public synchronized void move(String from, String to) {
    volume.move(from, to);
  }

  /** Creates or replaces a file in a subvolume, which is made writable first. */
  public synchronized void write(String subvolume, String file, String text) {
    volume.subvolume(subvolume).readOnly = false;
    String path = subvolume + "/" + file;
    volume.makeDirectories(path.substring(0, path.lastIndexOf('/')));
    volume.write(path, text);
  }

  /**
   * Deletes a file or an empty directory, if it is there, from a subvolume, which is made writable
   * first.
   */
  public synchronized void delete(String subvolume, String file) {
    volume.subvolume(subvolume).readOnly = false;
    if (volume.find(subvolume + "/" + file).isPresent()) {
      volume.remove(subvolume + "/" + file);
    }
  }

  /** Reads what is there, and changes nothing but its access time, and with it the generation. */
  public synchronized void touch(String path) {
    volume.setTime(path, FakeVolume.timeOf(volume.need(path)));
  }

  /** Whether there is a subvolume at that path. */
  public synchronized boolean exists(String path) {
    return volume.find(path).filter(FakeSubvolume.class::isInstance).isPresent();
  }

  /** The paths of all subvolumes. */
  public synchronized List<String> subvolumes() {
    return volume.subvolumes().stream()
        .map(located -> volume.point() + "/" + located.path())
        .toList();
  }

  /** The paths of what was spooled. */
  public synchronized List<String> spools() {
    return volume.files().stream().filter(FakeSpool::isSpool).toList();
  }

  /** Changes a byte of a file. */
  public synchronized void flip(String file, int index) {
    FakeSpool spool = new FakeSpool(volume, file);
    byte[] bytes = spool.bytes();
    bytes[index] ^= 1;
    spool.write(0, bytes);
  }

  /** What a subvolume holds, without nested ones: texts by file. */
  public synchronized Map<String, String> content(String subvolume) {
    TreeMap<String, FakeNode> nodes = new TreeMap<>();
    FakeSender.collect("", volume.subvolume(subvolume), nodes);
    Map<String, String> content = new TreeMap<>();
    nodes.forEach(
        (path, node) -> {
          if (node instanceof FakeFile file) {
            content.put(path, file.text());
          } else if (node instanceof FakeDirectory && !path.isEmpty()) {
            content.put(path, "a directory");
          }
        });
    return content;
  }

  // ------------------------------------------------------------------ what the library does

  @Override
  public String host() {
    return host;
  }

  @Override
  public CommandResult run(Command command) {
    if (command.argumentLists().isEmpty()) {
      return execute(command.argv(), command.input().orElse(""));
    }
    StringBuilder output = new StringBuilder();
    StringBuilder errors = new StringBuilder();
    int status = 0;
    for (List<String> arguments : command.argumentLists()) {
      List<String> argv = new ArrayList<>(command.argv());
      argv.addAll(arguments);
      CommandResult result = execute(argv, "");
      output.append(result.output());
      errors.append(result.errorTail()).append(result.errorTail().isEmpty() ? "" : "\n");
      status = result.succeeded() ? status : XARGS_FAILURE;
    }
    return new CommandResult(status, output.toString(), errors.toString().strip(), Duration.ZERO);
  }

  private synchronized CommandResult execute(List<String> argv, String input) {
    try {
      return new CommandResult(0, output(argv, input), "", Duration.ZERO);
    } catch (FakeRefusal e) {
      return new CommandResult(e.status(), "", e.words(), Duration.ZERO);
    }
  }

  private String output(List<String> argv, String input) {
    List<String> words =
        argv.subList(0, 2).equals(List.of("env", "TZ=UTC")) ? argv.subList(2, argv.size()) : argv;
    if (words.equals(List.of("btrfs", "--version"))) {
      return "btrfs-progs v6.2\n";
    }
    return words.get(0).equals("btrfs")
        ? new FakeSubvolumeVerbs(volume).run(afterBtrfs(words))
        : new FakeCoreutils(volume, exchange).run(words, input);
  }

  private static List<String> afterBtrfs(List<String> words) {
    return words.subList(words.get(1).equals("-q") ? 2 : 1, words.size());
  }

  /**
   * Only {@code btrfs send}, the scripts that receive, spool, and read what was spooled, and the
   * one that holds locks can be started.
   */
  @Override
  public RunningCommand start(Command command) {
    return locks.start(command).orElseGet(() -> stream(command));
  }

  private synchronized RunningCommand stream(Command command) {
    List<String> argv = command.argv();
    return argv.get(0).equals("sh") ? script(argv) : send(afterBtrfs(argv));
  }

  private RunningCommand script(List<String> argv) {
    if (argv.get(2).contains("--filter=sha256sum")) {
      return FakeProcess.sending(new FakeSpool(volume, argv.get(4)).digests());
    } else if (argv.get(2).contains("exec 3>>")) {
      long kept = Long.parseLong(argv.get(5));
      return FakeProcess.receiving(stream -> spool(argv.get(4), kept, stream));
    }
    return receive(argv.get(4), argv.get(5));
  }

  private synchronized FakeProcess.End spool(String path, long kept, byte[] stream) {
    return new FakeSpool(volume, path).write(kept, stream);
  }

  private RunningCommand send(List<String> words) {
    FakeSender sender = new FakeSender(volume);
    try {
      sender.send(words.subList(1, words.size()));
      return FakeProcess.sending(sender.stream());
    } catch (FakeRefusal e) {
      return FakeProcess.ended(sender.stream(), e.end());
    }
  }

  private RunningCommand receive(String set, String receiving) {
    try {
      FakeReceiver.begin(volume, set, receiving);
    } catch (FakeErrno e) {
      return FakeProcess.ended(
          new byte[0], new FakeProcess.End(1, "mkdir: cannot create directory: " + e.words()));
    }
    return FakeProcess.receiving(stream -> receive(set, receiving, stream));
  }

  private synchronized FakeProcess.End receive(String set, String receiving, byte[] stream) {
    try {
      FakeReceiver.receive(volume, set, receiving, stream);
      return new FakeProcess.End(0, "");
    } catch (FakeRefusal e) {
      return e.end();
    }
  }

  /** Nothing to close: what was started ends by itself. */
  @Override
  public void close() {}
}
