package io.replication4j.testing;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A host with storage in memory, and its users: it runs the commands of {@link FakeStorage}, which
 * each happen whole or not at all, and its filesystems can be written to behind the library's back.
 * Thread-safe.
 */
public final class FakeHost implements CommandRunner {

  private final String host;
  private final FakeDisk disk;
  private final FakeLocks locks = new FakeLocks();

  private FakeHost(String host, FakeDisk disk) {
    this.host = host;
    this.disk = disk;
  }

  /**
   * A host whose storage behaves like ZFS: snapshots belong to their filesystem, children are
   * filesystems of their own, what is received is live at once, streams resume.
   *
   * @param clock the host's
   * @param ids gives the identities of filesystems and snapshots, each once in the whole test
   */
  public static FakeHost zfsLike(String host, Clock clock, Supplier<String> ids) {
    return new FakeHost(host, new FakeDatasets(clock, ids));
  }

  /**
   * A host whose storage behaves like btrfs: sets of snapshots, and separate copies that are
   * installed.
   */
  public static FakeHost btrfsLike(String host, Clock clock, Supplier<String> ids) {
    return new FakeHost(host, new FakeSubvolumes(clock, ids));
  }

  /** Identities that begin with {@code prefix} and are counted from 1. */
  public static Supplier<String> countedIds(String prefix) {
    AtomicLong count = new AtomicLong();
    return () -> prefix + count.incrementAndGet();
  }

  @Override
  public String host() {
    return host;
  }

  boolean isBtrfsLike() {
    return disk instanceof FakeSubvolumes;
  }

  /** Creates an empty filesystem, and with ZFS-like storage what is missing above it. */
  public synchronized void create(String filesystem) {
    trust(
        () -> {
          FilesystemName name = FilesystemName.of(filesystem);
          if (!isBtrfsLike()) {
            disk.prepare(name);
          }
          disk.create(name);
        });
  }

  /** Renames a filesystem with its descendants. */
  public synchronized void rename(String from, String to) {
    trust(() -> disk.renameTree(FilesystemName.of(from), FilesystemName.of(to)));
  }

  /** Destroys a filesystem with its descendants; with ZFS-like storage their snapshots too. */
  public synchronized void destroy(String filesystem) {
    trust(() -> disk.destroyTree(FilesystemName.of(filesystem)));
  }

  /** Creates or replaces a file. */
  public synchronized void write(String filesystem, String file, String text) {
    trust(
        () -> {
          FakeLive fs = disk.require(FilesystemName.of(filesystem));
          fs.content.put(file, text);
          fs.changed = disk.next();
        });
  }

  /** Deletes a file; nothing happens if there is none. */
  public synchronized void delete(String filesystem, String file) {
    trust(
        () -> {
          FakeLive fs = disk.require(FilesystemName.of(filesystem));
          if (fs.content.remove(file) != null) {
            fs.changed = disk.next();
          }
        });
  }

  /** Whether there is a live filesystem of that name. */
  public synchronized boolean exists(String filesystem) {
    return disk.live.containsKey(filesystem) && disk.live.get(filesystem).visible;
  }

  /** What the live filesystem holds, by file name; a copy. */
  public synchronized Map<String, String> content(String filesystem) {
    Map<String, String> content = new TreeMap<>();
    trust(() -> content.putAll(disk.require(FilesystemName.of(filesystem)).content));
    return content;
  }

  /**
   * What snapshot {@code snapshot} of the member at {@code path} below {@code root} holds; a copy.
   */
  public synchronized Map<String, String> content(String root, String path, String snapshot) {
    Map<String, String> content = new TreeMap<>();
    trust(() -> content.putAll(disk.find(FilesystemName.of(root), path, snapshot, false).content));
    return content;
  }

  /** The filesystems that hold a part of a stream. */
  synchronized Set<String> partial() {
    return disk.partial();
  }

  /** Lets the storage be full after that many more bytes of streams. */
  public synchronized void setAvailable(long bytes) {
    disk.available = Optional.of(bytes);
  }

  private interface Change {
    void run() throws FakeFailure;
  }

  private static void trust(Change change) {
    try {
      change.run();
    } catch (FakeFailure e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public synchronized CommandResult run(Command command) {
    StringBuilder output = new StringBuilder();
    try {
      if (command.argumentLists().isEmpty()) {
        execute(command.argv(), output);
      }
      for (List<String> arguments : command.argumentLists()) {
        List<String> words = new ArrayList<>(command.argv());
        words.addAll(arguments);
        execute(words, output);
      }
      return new CommandResult(0, output.toString(), "", Duration.ZERO);
    } catch (FakeFailure e) {
      return new CommandResult(
          e.exitStatus, output.toString(), String.valueOf(e.getMessage()), Duration.ZERO);
    }
  }

  private void execute(List<String> words, StringBuilder output) throws FakeFailure {
    requireFake(words);
    FilesystemName root = FilesystemName.of(words.get(2));
    List<String> rest = words.subList(3, words.size());
    switch (words.get(1)) {
      case "list" -> list(words.subList(2, words.size()), output);
      case "estimate" -> output.append(sendBytes(words).length);
      case "snapshot" -> disk.snapshot(root, rest.get(0), recursive(rest, 1), members(rest, 2));
      case "rename" ->
          disk.renameSnapshot(root, rest.get(0), rest.get(1), recursive(rest, 2), members(rest, 3));
      case "destroy" ->
          disk.destroySnapshot(root, rest.get(0), recursive(rest, 1), members(rest, 2));
      case "abort" -> disk.abort(root, members(rest, 0));
      case "rollback" -> disk.rollBack(root, FakeSpec.path(rest.get(0)), rest.get(1));
      case "aside" ->
          disk.keepAside(
              root, FakeSpec.path(rest.get(0)), rest.get(1), rest.stream().skip(2).findFirst());
      case "get" -> get(disk.require(root).properties, rest.get(0), output);
      case "prepare" -> disk.prepare(root);
      case "record" -> disk.record(root, rest.get(0), rest.get(1));
      default -> disk.special(words);
    }
  }

  private static void requireFake(List<String> words) {
    if (!words.get(0).equals("fake")) {
      throw new CommandNotFoundException(words.get(0) + ": command not found", null);
    }
  }

  private static void get(Map<String, String> properties, String name, StringBuilder output) {
    if (properties.containsKey(name)) {
      output.append(FakeRow.of(properties.get(name)));
    }
  }

  private static boolean recursive(List<String> words, int index) {
    return words.get(index).equals("-r");
  }

  private static List<String> members(List<String> words, int from) {
    return words.subList(from, words.size()).stream().map(FakeSpec::path).toList();
  }

  /** Each root is followed by {@code -r} or {@code -}. */
  private void list(List<String> words, StringBuilder output) {
    for (int i = 0; i + 1 < words.size(); i += 2) {
      for (FakeRow row : disk.list(FilesystemName.of(words.get(i)), recursive(words, i + 1))) {
        output.append(row).append('\n');
      }
    }
    disk.available.ifPresent(bytes -> output.append(FakeRow.of("available", bytes)).append('\n'));
  }

  @Override
  public RunningCommand start(Command command) {
    return locks.start(command).orElseGet(() -> stream(command));
  }

  private synchronized RunningCommand stream(Command command) {
    List<String> words = command.argv();
    requireFake(words);
    if (words.get(1).equals("send")) {
      try {
        return FakeProcess.sending(sendBytes(words));
      } catch (FakeFailure e) {
        return DeadCommand.ended(e.exitStatus, e.getMessage());
      }
    }
    return FakeProcess.receiving(bytes -> receive(words, bytes));
  }

  /** {@code fake send ROOT -I|- TOKEN|- SPEC…}. */
  private byte[] sendBytes(List<String> words) throws FakeFailure {
    FilesystemName root = FilesystemName.of(words.get(2));
    boolean intermediates = words.get(3).equals("-I");
    String token = words.get(4);
    ArrayList<FakeStream.Part> parts = new ArrayList<>();
    for (FakeSpec spec : FakeSpec.parse(words.subList(5, words.size()))) {
      parts.addAll(
          token.equals("-")
              ? disk.parts(root, spec, intermediates)
              : List.of(disk.resume(root, spec, token)));
    }
    return FakeStream.write(parts);
  }

  /** {@code fake receive ROOT}: what arrived, up to its end or to where it was cut. */
  private synchronized FakeProcess.End receive(List<String> words, byte[] bytes) {
    FilesystemName root = FilesystemName.of(words.get(2));
    byte[] fitting =
        Arrays.copyOf(bytes, (int) Math.min(bytes.length, disk.available.orElse(Long.MAX_VALUE)));
    try {
      FakeStream stream = FakeStream.read(fitting);
      int last = stream.parts().size() - 1;
      for (int i = 0; i <= last; i++) {
        if (i < last || stream.complete()) {
          disk.receive(root, stream.parts().get(i));
        } else {
          disk.receiveCut(root, stream.parts().get(i));
        }
      }
      if (fitting.length < bytes.length) {
        return new FakeProcess.End(FakeFailure.NO_SPACE, "cannot receive: out of space");
      }
      return stream.complete()
          ? new FakeProcess.End(0, "")
          : new FakeProcess.End(FakeFailure.INCOMPLETE, "cannot receive: incomplete stream");
    } catch (FakeFailure e) {
      return new FakeProcess.End(e.exitStatus, e.getMessage());
    } catch (IllegalArgumentException e) {
      return new FakeProcess.End(
          FakeFailure.USAGE, "cannot receive: invalid stream: " + e.getMessage());
    }
  }

  @Override
  public void close() {}
}
