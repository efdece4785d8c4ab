package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.Site;
import io.replication4j.zfs.testing.ZfsLeftovers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pool of real ZFS on some host, as its users see it. Replicas are mounted only while they are
 * looked at or written to. The pool has {@code atime=off}, so that looking is no change.
 */
final class RealZfs implements Site {

  private static final String READ =
      "cd \"$1\" && find . -xdev -type f -printf '%P\\0' -exec cat {} \\; -printf ' %m %U:%G\\0'";
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final CommandRunner runner;
  private final String scratch;
  private final String directory;
  private final boolean keepsMounted;

  /**
   * @param scratch a dataset that exists
   * @param directory a directory on that host that nothing else uses
   * @param keepsMounted whether what is created stays mounted; zfs-fuse cannot rename or destroy
   *     what is
   */
  RealZfs(CommandRunner runner, String scratch, String directory, boolean keepsMounted) {
    this.keepsMounted = keepsMounted;
    this.runner = runner;
    this.scratch = scratch;
    this.directory = directory;
  }

  @Override
  public CommandRunner runner() {
    return runner;
  }

  @Override
  public StorageBackend backend(CommandRunner by) {
    return ZfsBackend.on(by);
  }

  @Override
  public FilesystemName name(String leaf) {
    return FilesystemName.of(scratch + "/" + leaf);
  }

  @Override
  public void create(FilesystemName filesystem) {
    if (keepsMounted) {
      run("zfs", "create", filesystem.value());
    } else {
      run("zfs", "create", "-o", "mountpoint=none", filesystem.value());
    }
  }

  @Override
  public void rename(FilesystemName from, FilesystemName to) {
    run("zfs", "rename", from.value(), to.value());
  }

  @Override
  public void destroy(FilesystemName filesystem) {
    run("zfs", "destroy", "-r", filesystem.value());
  }

  @Override
  public boolean exists(FilesystemName filesystem) {
    return tryRun("zfs", "list", "-H", "-o", "name", filesystem.value()).succeeded();
  }

  @Override
  public void write(FilesystemName filesystem, String file, String text) {
    change(filesystem, Command.of("sh", "-c", "cat > \"$1\"", "sh", "/" + file).withInput(text));
  }

  @Override
  public void delete(FilesystemName filesystem, String file) {
    change(filesystem, Command.of("rm", "-f", "--", "/" + file));
  }

  /** Runs the command, whose last word is a file in the filesystem. */
  private void change(FilesystemName filesystem, Command command) {
    String dataset = filesystem.value();
    boolean replica = get(dataset, "readonly").equals("on");
    boolean mounted = get(dataset, "mounted").equals("yes");
    if (replica) {
      run("zfs", "set", "readonly=off", dataset);
    }
    String where = mounted ? get(dataset, "mountpoint") : mount(dataset);
    List<String> argv = new ArrayList<>(command.argv());
    argv.set(argv.size() - 1, where + argv.get(argv.size() - 1));
    Command there = Command.of(argv);
    require(there, attempt(command.input().map(there::withInput).orElse(there)));
    if (!mounted) {
      unmount(dataset);
    }
    if (replica) {
      run("zfs", "set", "readonly=on", dataset);
    }
  }

  @Override
  public Map<String, String> content(FilesystemName filesystem) {
    String dataset = filesystem.value();
    if (get(dataset, "mounted").equals("yes")) {
      return read(get(dataset, "mountpoint"));
    }
    Map<String, String> content = read(mount(dataset));
    unmount(dataset);
    return content;
  }

  @Override
  public Map<String, String> content(FilesystemName root, String path, String snapshot) {
    String clone = scratch + "/peek" + NUMBER.incrementAndGet();
    String where = directory + "/" + NUMBER.get();
    run("zfs", "clone", "-o", "mountpoint=" + where, root.child(path) + "@" + snapshot, clone);
    Map<String, String> content = read(where);
    run("zfs", "destroy", clone);
    return content;
  }

  /**
   * By a mount point of its own: inherited ones may lie within filesystems that are not mounted, or
   * be none.
   */
  private String mount(String dataset) {
    String where = directory + "/" + NUMBER.incrementAndGet();
    run("zfs", "set", "mountpoint=" + where, dataset);
    if (!get(dataset, "mounted").equals("yes")) {
      run("zfs", "mount", dataset);
    }
    return where;
  }

  private void unmount(String dataset) {
    run("zfs", "set", "mountpoint=none", dataset);
  }

  private Map<String, String> read(String where) {
    Command command = Command.of("sh", "-c", READ, "sh", where);
    String[] words = require(command, attempt(command)).split("\0", -1);
    Map<String, String> content = new TreeMap<>();
    for (int i = 0; i + 1 < words.length; i += 2) {
      content.put(words[i], words[i + 1]);
    }
    return content;
  }

  @Override
  public FilesystemName aside(FilesystemName root, String member, String asideName) {
    return FilesystemName.of(ZfsAside.aside(root, member, asideName));
  }

  @Override
  public Set<String> leftovers() {
    return ZfsLeftovers.among(
        run(
            "zfs",
            "list",
            "-H",
            "-r",
            "-t",
            "filesystem,volume,snapshot",
            "-o",
            "name,userrefs",
            scratch));
  }

  @Override
  public boolean isListing(Command command) {
    return lists(command);
  }

  static boolean lists(Command command) {
    String verb =
        command.argumentLists().isEmpty()
            ? command.argv().get(Math.min(1, command.argv().size() - 1))
            : command.argumentLists().get(0).get(0);
    return command.argv().get(0).equals("zfs") && List.of("list", "get").contains(verb);
  }

  // ------------------------------------------------------------------ commands

  private String get(String dataset, String property) {
    return run("zfs", "get", "-H", "-o", "value", property, dataset).strip();
  }

  private String run(String... argv) {
    Command command = Command.of(argv);
    CommandResult result = attempt(command);
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (result.errorTail().contains("busy") && System.nanoTime() < deadline) {
      result = attempt(command); // zfs-fuse is done with an unmount some time after it said so
    }
    return require(command, result);
  }

  private CommandResult tryRun(String... argv) {
    return attempt(Command.of(argv));
  }

  private CommandResult attempt(Command command) {
    try {
      return runner.run(command);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String require(Command command, CommandResult result) {
    if (!result.succeeded()) {
      throw new IllegalStateException(
          command + ": exit " + result.exitStatus() + ": " + result.errorTail());
    }
    return result.output();
  }
}
