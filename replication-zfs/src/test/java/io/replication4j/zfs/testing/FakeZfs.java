package io.replication4j.zfs.testing;

import static java.util.Objects.requireNonNull;

import io.replication4j.command.Command;
import io.replication4j.command.CommandNotFoundException;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A host with ZFS, in memory: understands the {@code zfs} and {@code zpool} commands that {@link
 * io.replication4j.zfs.ZfsBackend} runs, answers and refuses as the real tools do, and keeps what a
 * stream left behind that was cut. For tests of host applications, and of ourselves. Streams fit
 * into memory. Thread-safe.
 */
public final class FakeZfs implements CommandRunner {

  private static final String OLD_USAGE =
      """
      missing command
      usage: zfs command args ...
      where 'command' is one of the following:

      \tcreate [-p] [-o property=value] ... <filesystem>
      \tsnapshot [-r] [-o property=value] ... <filesystem@snapname|volume@snapname>
      \tlist [-rH][-d max] [-o property[,...]] [-t type[,...]] [-s property] ...
      \tget [-rHp] [-d max] [-o "all" | field[,...]] [-s source[,...]]
      \tsend [-RDp] [-[iI] snapshot] <snapshot>
      \treceive [-vnF] <filesystem|volume|snapshot>
      \treceive [-vnF] -d <filesystem>
      """;

  private static final int XARGS_FAILURE = 123;

  private final String host;
  private final boolean old;
  private final FakePools pools;
  private final FakeLocks locks = new FakeLocks();

  private FakeZfs(String host, boolean old, Clock clock) {
    this.host = requireNonNull(host, "host");
    this.old = old;
    this.pools = new FakePools(clock);
  }

  /** A host with OpenZFS 2.x and no pool. */
  public static FakeZfs modern(String host, Clock clock) {
    return new FakeZfs(host, false, clock);
  }

  /** A host with the ZFS of zfs-fuse 0.7.0 and no pool. */
  public static FakeZfs old(String host, Clock clock) {
    return new FakeZfs(host, true, clock);
  }

  // ------------------------------------------------------------------ what its users do

  /** Makes a pool, which is a filesystem. */
  public synchronized void createPool(String name) {
    pools.create(name, false).mounted = true;
  }

  /** Makes a filesystem below one that exists. */
  public synchronized void createFilesystem(String name) {
    pools.need(FakePools.parent(name).orElseThrow());
    pools.create(name, false).mounted = true;
  }

  /** Makes a volume below a filesystem that exists. */
  public synchronized void createVolume(String name) {
    pools.need(FakePools.parent(name).orElseThrow());
    pools.create(name, true);
  }

  /** Writes a file (of a volume: a named part of it), whatever {@code readonly} says. */
  public synchronized void write(String dataset, String file, String text) {
    change(dataset).put(file, text);
  }

  /** Reads a file: where that is written down, the dataset differs from its snapshots then. */
  public synchronized void read(String dataset) {
    FakeDataset read = pools.need(dataset);
    if (read.mounted && pools.isWritable(dataset)) {
      read.contentTxg = pools.nextTxg();
    }
  }

  /** Deletes a file. */
  public synchronized void delete(String dataset, String file) {
    change(dataset).remove(file);
  }

  private Map<String, String> change(String dataset) {
    FakeDataset changed = pools.need(dataset);
    changed.contentTxg = pools.nextTxg();
    return changed.files;
  }

  /** Whether there is a dataset of that name that holds more than a part of a stream. */
  public synchronized boolean exists(String dataset) {
    return pools.datasets.containsKey(dataset) && !pools.need(dataset).inconsistent;
  }

  /** The datasets that are on their way to another name or hold a part of a stream, and holds. */
  public synchronized Set<String> leftovers() {
    Set<String> leftovers = new TreeSet<>();
    pools.datasets.forEach(
        (name, dataset) -> {
          if (ZfsLeftovers.isOne(name) || dataset.inconsistent || dataset.partial.isPresent()) {
            leftovers.add(name);
          }
          dataset.snapshots.stream()
              .filter(snapshot -> !snapshot.holds.isEmpty())
              .forEach(snapshot -> leftovers.add(name + "@" + snapshot.name));
        });
    return leftovers;
  }

  /** What a dataset holds, or {@code dataset@snapshot}: texts by file. */
  public synchronized Map<String, String> content(String name) {
    return new TreeMap<>(
        name.contains("@") ? pools.needSnapshot(name).files : pools.need(name).files);
  }

  // ------------------------------------------------------------------ what the library does

  @Override
  public String host() {
    return host;
  }

  @Override
  public CommandResult run(Command command) {
    if (command.argumentLists().isEmpty()) {
      return execute(command.argv());
    }
    StringBuilder output = new StringBuilder();
    StringBuilder errors = new StringBuilder();
    int status = 0;
    for (List<String> arguments : command.argumentLists()) {
      List<String> argv = new ArrayList<>(command.argv());
      argv.addAll(arguments);
      CommandResult result = execute(argv);
      output.append(result.output());
      errors.append(result.errorTail()).append(result.errorTail().isEmpty() ? "" : "\n");
      status = result.succeeded() ? status : XARGS_FAILURE;
    }
    return new CommandResult(status, output.toString(), errors.toString().strip(), Duration.ZERO);
  }

  private synchronized CommandResult execute(List<String> argv) {
    try {
      String output = argv.get(0).equals("zpool") ? zpool(argv) : zfs(argv);
      return new CommandResult(0, output, "", Duration.ZERO);
    } catch (Incomplete e) {
      return new CommandResult(1, e.output, e.words(), Duration.ZERO);
    } catch (FakeRefusal e) {
      return new CommandResult(e.status(), "", e.words(), Duration.ZERO);
    }
  }

  /** A listing that found some of what it was asked for. */
  private static final class Incomplete extends RuntimeException {

    private final String output;

    Incomplete(String output, String words) {
      super(words);
      this.output = output;
    }

    String words() {
      return String.valueOf(getMessage()).strip();
    }
  }

  private String zpool(List<String> argv) {
    if (old || argv.size() < 2 || !argv.get(1).equals("sync")) {
      throw new FakeRefusal(
          2, "unrecognized command '" + String.join(" ", argv.subList(1, argv.size())) + "'");
    }
    for (String pool : argv.subList(2, argv.size())) {
      if (!pools.datasets.containsKey(pool)) {
        throw new FakeRefusal("cannot open '" + pool + "': no such pool");
      }
    }
    pools.sync();
    return "";
  }

  private String zfs(List<String> argv) {
    if (!argv.get(0).equals("zfs")) {
      throw new CommandNotFoundException(
          argv.get(0) + " is not on " + host + " (it only has zfs and zpool)", null);
    }
    String verb = argv.size() > 1 ? argv.get(1) : "";
    List<String> words = argv.subList(Math.min(2, argv.size()), argv.size());
    switch (verb) {
      case "":
        throw new FakeRefusal(2, OLD_USAGE.strip());
      case "version":
        return version();
      case "list", "get":
        return listing(verb, words);
      case "send":
        return new FakeStreams(pools, old).estimate(sendWords(words));
      case "receive":
        receive(words, new byte[0]);
        return "";
      default:
        change(verb, words);
        pools.sync();
        return "";
    }
  }

  private String version() {
    if (old) {
      throw new FakeRefusal(2, "unrecognized command 'version'\nusage: zfs command args ...");
    }
    return "zfs-2.3.2-1\nzfs-kmod-2.3.2-1\n";
  }

  private String listing(String verb, List<String> words) {
    FakeListing listing = new FakeListing(pools, old);
    if (verb.equals("list")) {
      listing.list(new FakeWords(words, old ? "rHd:o:t:s:S:" : "rHpd:o:t:s:S:"));
    } else {
      listing.get(new FakeWords(words, "rHpd:o:s:t:"));
    }
    if (!listing.errors().isEmpty()) {
      throw new Incomplete(listing.output(), listing.errors());
    }
    return listing.output();
  }

  private void change(String verb, List<String> words) {
    FakeVerbs verbs = new FakeVerbs(pools, old);
    switch (verb) {
      case "snapshot" -> verbs.snapshot(new FakeWords(words, "ro:"));
      case "rename" -> verbs.rename(new FakeWords(words, old ? "rp" : "rpu"));
      case "destroy" -> verbs.destroy(new FakeWords(words, "rRfd"));
      case "hold" -> verbs.hold(new FakeWords(words, "r"));
      case "release" -> verbs.release(new FakeWords(words, "r"));
      case "rollback" -> verbs.rollback(new FakeWords(words, "rRf"));
      case "create" -> verbs.create(new FakeWords(words, "po:"));
      case "clone" -> verbs.cloneOf(new FakeWords(words, "po:"));
      case "promote" -> verbs.promote(new FakeWords(words, ""));
      case "set" -> verbs.set(new FakeWords(words, ""));
      case "inherit" -> verbs.inherit(new FakeWords(words, "rS"));
      default -> {
        if (old || !verb.equals("bookmark")) {
          throw new FakeRefusal(2, "unrecognized command '" + verb + "'");
        }
        verbs.bookmark(new FakeWords(words, ""));
      }
    }
  }

  private FakeWords sendWords(List<String> words) {
    return new FakeWords(words, old ? "RDpi:I:" : "RDpi:I:nPvwLcet:");
  }

  private synchronized void receive(List<String> words, byte[] stream) {
    pools.sync();
    FakeWords parsed = new FakeWords(words, old ? "vnFdu" : "vnFdsuMhAo:x:");
    if (parsed.has('F')) {
      throw new IllegalStateException("a forced receive: " + words);
    }
    if (parsed.has('A')) {
      new FakeVerbs(pools, old).abort(parsed.operand(0));
    } else {
      new FakeReceiver(pools, old, parsed).receive(stream);
    }
  }

  /** Only {@code zfs send} and {@code zfs receive} can be started. */
  @Override
  public RunningCommand start(Command command) {
    return locks.start(command).orElseGet(() -> stream(command));
  }

  private RunningCommand stream(Command command) {
    List<String> argv = command.argv();
    List<String> words = argv.subList(2, argv.size());
    if (argv.get(1).equals("receive")) {
      return FakeProcess.receiving(stream -> end(words, stream));
    }
    synchronized (this) {
      try {
        return FakeProcess.sending(new FakeStreams(pools, old).send(sendWords(words)));
      } catch (FakeRefusal e) {
        return FakeProcess.ended(new byte[0], e.end());
      }
    }
  }

  private FakeProcess.End end(List<String> words, byte[] stream) {
    try {
      receive(words, stream);
      return new FakeProcess.End(0, "");
    } catch (FakeRefusal e) {
      return e.end();
    }
  }

  /** Nothing to close: what was started ends by itself. */
  @Override
  public void close() {}
}
