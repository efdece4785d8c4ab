package io.replication4j.zfs;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the {@code zfs} of one host can do.
 *
 * @param version as the tool says it, {@code 2.3.2}; empty for one that is too old to say
 * @param exactListing {@code zfs list -p} with {@code written}; otherwise {@code zfs get -p} with
 *     {@code unique} serves
 * @param receiveOptions the letters that {@code zfs receive} takes
 * @param sendOptions the letters that {@code zfs send} takes
 * @param bookmarks {@code zfs bookmark}
 * @param manySnapshots {@code zfs snapshot a@x b@y}
 * @param poolSync {@code zpool sync}
 */
record ZfsCapabilities(
    String version,
    boolean exactListing,
    String receiveOptions,
    String sendOptions,
    boolean bookmarks,
    boolean manySnapshots,
    boolean poolSync) {

  /** {@code zfs version} came with OpenZFS 0.8, which has everything that is asked for here. */
  private static final Command VERSION = Command.of("zfs", "version");

  private static final Command USAGE = Command.of("zfs");

  /**
   * Without a dataset this fails, with {@code missing snapshot argument} if it knows the option.
   */
  private static final Command UNMOUNTED = Command.of("zfs", "receive", "-u");

  private static final Pattern VERSION_LINE = Pattern.compile("zfs-(?:kmod-)?(\\d+(?:\\.\\d+)+).*");
  private static final Pattern RECEIVE =
      Pattern.compile("(?m)^\\s*(?:receive|recv) \\[-([A-Za-z]+)\\]");
  private static final Pattern SEND = Pattern.compile("(?m)^\\s*send \\[-([A-Za-z]+)\\]");
  private static final Pattern LIST = Pattern.compile("(?m)^\\s*list \\[-([A-Za-z]+)\\]");

  static ZfsCapabilities probe(CommandRunner runner) throws InterruptedException {
    CommandResult version = runner.run(VERSION);
    if (version.succeeded()) {
      return openZfs(oldest(version.output()));
    }
    CommandResult usage = runner.run(USAGE);
    if (usage.exitStatus() != 2 || !usage.errorTail().contains("usage: zfs command args")) {
      throw ZfsErrors.of(runner.host(), USAGE, usage);
    }
    CommandResult unmounted = runner.run(UNMOUNTED);
    boolean knows = !unmounted.errorTail().startsWith("invalid option");
    return fromUsage(usage.errorTail(), unmounted.exitStatus() == 2 && knows);
  }

  static ZfsCapabilities openZfs(String version) {
    return new ZfsCapabilities(
        version, true, "vMnsFhuoxdeA", "DLPVbcehnpsvwRIit", true, true, true);
  }

  /** The older of the tool's version and the kernel module's. */
  private static String oldest(String output) {
    return output
        .lines()
        .map(VERSION_LINE::matcher)
        .filter(Matcher::matches)
        .map(line -> line.group(1))
        .min(ZfsCapabilities::compareVersions)
        .orElse("0.8");
  }

  private static int compareVersions(String left, String right) {
    String[] a = left.split("\\.");
    String[] b = right.split("\\.");
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int order = Integer.compare(Integer.parseInt(a[i]), Integer.parseInt(b[i]));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.length, b.length);
  }

  /**
   * zfs-fuse 0.7.0 and others from before 0.8: what the summary of all commands says.
   *
   * @param unmounted whether {@code receive -u} is known, which zfs-fuse does not tell
   */
  static ZfsCapabilities fromUsage(String usage, boolean unmounted) {
    boolean bookmarks = usage.contains("\tbookmark ");
    String receive = letters(RECEIVE, usage);
    return new ZfsCapabilities(
        "",
        bookmarks && has(letters(LIST, usage), 'p'),
        receive + (usage.contains("[-x ") ? "ox" : "") + (unmounted ? "u" : ""),
        letters(SEND, usage),
        bookmarks,
        usage.contains("snapshot [-r] [-o property=value] ... <filesystem|volume>@<snap> ..."),
        false);
  }

  private static String letters(Pattern pattern, String usage) {
    Matcher matcher = pattern.matcher(usage);
    StringBuilder letters = new StringBuilder();
    while (matcher.find()) {
      letters.append(matcher.group(1));
    }
    return letters.toString();
  }

  boolean receives(char option) {
    return has(receiveOptions, option);
  }

  boolean sends(char option) {
    return has(sendOptions, option);
  }

  private static boolean has(String letters, char option) {
    return letters.indexOf(option) >= 0;
  }

  /**
   * A receive of any increment with properties gives the target's snapshots the source's names: all
   * before OpenZFS.
   */
  boolean renamesReceived() {
    return version.isEmpty();
  }

  /** A clone is mounted whatever its {@code canmount} says: all before OpenZFS. */
  boolean mountsClones() {
    return version.isEmpty();
  }

  /** {@code zfs rename -u}, which leaves filesystems mounted where they are: OpenZFS 2.0. */
  boolean renamesInPlace() {
    return !version.isEmpty() && compareVersions(version, "2.0") >= 0;
  }

  /**
   * A {@code send} that a signal ends leaves what it sends held until the pool is imported again:
   * zfs-fuse. One whose reader goes away lets go.
   */
  boolean diesHolding() {
    return version.isEmpty();
  }

  /** For messages: {@code OpenZFS 2.3.2}, {@code an old ZFS}. */
  String describe() {
    return version.isEmpty() ? "an old ZFS (without 'zfs version')" : "OpenZFS " + version;
  }
}
