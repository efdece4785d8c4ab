package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Builds argv for {@code zfs} and {@code zpool}. Every dataset is given by its full name; nothing
 * is ever forced.
 */
final class ZfsCommands {

  /** Not inherited, and unknown to volumes: cannot be given to a receive of either kind. */
  static final String CANMOUNT = "canmount";

  static final String MOUNTPOINT = "mountpoint";

  /** Runs a command that ends when nobody reads what it writes, and not before. */
  private static final List<String> UNSIGNALLED =
      List.of("sh", "-c", "trap '' HUP INT TERM PIPE; exec \"$@\"", "sh");

  private static final List<String> NAMES_BELOW =
      List.of("list", "-H", "-d", "1", "-t", "filesystem,volume", "-o", "name,type");

  private final String host;
  private final ZfsCapabilities can;
  private final ZfsOptions options;

  ZfsCommands(String host, ZfsCapabilities can, ZfsOptions options) {
    this.host = host;
    this.can = can;
    this.options = options;
  }

  ZfsCapabilities capabilities() {
    return can;
  }

  // ------------------------------------------------------------------ listings

  /**
   * Asks for everything below the trees, everything of the datasets alone, and for room and these
   * user properties of the named ones, and for names and types of what is directly below the homes,
   * at once: several runs of {@code zfs} in one command. Those that do not exist are named on
   * standard error.
   */
  Command look(
      List<String> trees,
      List<String> alone,
      List<String> named,
      List<String> userProperties,
      List<String> homes) {
    List<List<String>> questions = new ArrayList<>();
    if (!trees.isEmpty()) {
      questions.add(join(list(List.of("-r")), trees));
    }
    if (!alone.isEmpty()) {
      questions.add(join(list(List.of("-d", "1")), alone));
    }
    String properties = String.join(",", join(List.of("type", "available"), userProperties));
    questions.add(
        join(List.of("get", "-Hp", "-o", "name,property,value,source", properties), named));
    if (!homes.isEmpty()) {
      questions.add(join(NAMES_BELOW, homes));
    }
    int width = questions.stream().mapToInt(List::size).max().orElse(0);
    return Command.batch(
        List.of("zfs"), questions.stream().map(question -> pad(question, width)).toList());
  }

  private List<String> list(List<String> depth) {
    return can.exactListing()
        ? join(
            List.of("list", "-Hp"),
            depth,
            List.of(
                "-t",
                "filesystem,volume,snapshot,bookmark",
                "-o",
                String.join(",", ZfsListParser.COLUMNS)))
        : join(
            List.of("get", "-Hp"),
            depth,
            List.of("-o", "name,property,value", String.join(",", ZfsListParser.OLD_PROPERTIES)));
  }

  /**
   * All runs of a batch have as many words: they ask again for no header, which changes nothing and
   * costs nothing.
   */
  private static List<String> pad(List<String> question, int width) {
    List<String> padded = new ArrayList<>(question);
    padded.addAll(1, Collections.nCopies(width - question.size(), "-H"));
    return padded;
  }

  static Command property(String property, String dataset) {
    return Command.of("zfs", "get", "-H", "-o", "value,source", property, dataset);
  }

  /** Names and types of the dataset and of what is directly below it. */
  static Command below(String dataset) {
    return of(List.of("zfs"), NAMES_BELOW, List.of(dataset));
  }

  /** Fails if there is none. */
  static Command snapshotName(String snapshot) {
    return Command.of("zfs", "list", "-H", "-t", "snapshot", "-o", "name", snapshot);
  }

  /** Names and types of filesystems and volumes. */
  static Command types(String dataset) {
    return Command.of(
        "zfs", "list", "-H", "-r", "-t", "filesystem,volume", "-o", "name,type", dataset);
  }

  /**
   * Makes writes that are still held back show in {@code written}. Where {@code zpool sync} is
   * missing, taking back a user property that is not set waits for the transaction group too, and
   * changes nothing.
   */
  Command flush(List<String> pools) {
    return can.poolSync()
        ? of(List.of("zpool", "sync"), pools)
        : of(List.of("zfs", "inherit", ZfsProperties.FLUSH), pools);
  }

  static String pool(String dataset) {
    return dataset.split("/", 2)[0];
  }

  // ------------------------------------------------------------------ snapshots

  List<Command> snapshot(List<String> snapshots, boolean recursive) {
    List<String> argv = recursive ? List.of("zfs", "snapshot", "-r") : List.of("zfs", "snapshot");
    return can.manySnapshots()
        ? List.of(of(argv, snapshots))
        : List.of(Command.batch(argv, singles(snapshots)));
  }

  static Command renameTree(String from, String to) {
    return Command.of("zfs", "rename", "-r", from, to);
  }

  static Command renameSnapshot(String from, String to) {
    return Command.of("zfs", "rename", from, to);
  }

  static Command renameSnapshots(List<List<String>> fromTo) {
    return Command.batch(List.of("zfs", "rename"), fromTo);
  }

  static Command destroyTree(String dataset) {
    return Command.of("zfs", "destroy", "-r", dataset);
  }

  static Command destroyEach(List<String> snapshots) {
    return Command.batch(List.of("zfs", "destroy"), singles(snapshots));
  }

  static Command hold(String verb, String tag, List<String> snapshots, boolean recursive) {
    return of(List.of("zfs", verb), recursive ? List.of("-r") : List.of(), List.of(tag), snapshots);
  }

  Command bookmark(String snapshot, String bookmark) {
    if (!can.bookmarks()) {
      throw unsupported("zfs bookmark", "keep the snapshot instead");
    }
    return Command.of("zfs", "bookmark", snapshot, bookmark);
  }

  static Command rollBack(String snapshot) {
    return Command.of("zfs", "rollback", "-r", snapshot);
  }

  // ------------------------------------------------------------------ datasets

  static Command set(String property, String value, List<String> datasets) {
    return of(List.of("zfs", "set", property + "=" + value), datasets);
  }

  static Command inherit(String property, List<String> datasets) {
    return of(List.of("zfs", "inherit", property), datasets);
  }

  /** Existing ones are left as they are; new ones never stand over what is mounted there. */
  static Command createParents(List<String> datasets) {
    return Command.batch(
        List.of("zfs", "create", "-p", "-o", CANMOUNT + "=off"), singles(datasets));
  }

  /**
   * Renames a dataset. A filesystem stays mounted where it is, where the host's zfs knows how: to
   * mount it elsewhere, a directory would be made in its parent, whose data would differ from its
   * newest snapshot then. Volumes do not know the option.
   */
  Command rename(String from, String to, boolean volume) {
    return of(renaming(volume), List.of(from, to));
  }

  /** As {@link #rename}, of several of one kind. */
  Command renameEach(List<List<String>> fromTo, boolean volumes) {
    return Command.batch(renaming(volumes), fromTo);
  }

  private List<String> renaming(boolean volume) {
    return can.renamesInPlace() && !volume
        ? List.of("zfs", "rename", "-u")
        : List.of("zfs", "rename");
  }

  /**
   * A clone that is set like a new replica; without a mount point where cloning mounts whatever
   * {@code canmount} says.
   */
  Command cloneOf(String snapshot, String dataset, boolean volume) {
    List<String> words = new ArrayList<>(List.of("zfs", "clone"));
    if (can.mountsClones() && !volume) {
      words.addAll(List.of("-o", MOUNTPOINT + "=none"));
    }
    (volume ? receivedOverrides() : options.receivedOverrides())
        .forEach((name, value) -> words.addAll(List.of("-o", name + "=" + value)));
    words.addAll(List.of(snapshot, dataset));
    return Command.of(words);
  }

  static Command promote(String dataset) {
    return Command.of("zfs", "promote", dataset);
  }

  // ------------------------------------------------------------------ streams

  Command send(FilesystemName root, Send send) {
    Command command = of(List.of("zfs", "send"), sendWords(root, send));
    return can.diesHolding() ? command.runBy(UNSIGNALLED) : command;
  }

  /** Empty where {@code zfs send -nP} is missing. */
  List<Command> estimate(FilesystemName root, Send send) {
    return can.sends('n') && can.sends('P')
        ? List.of(of(List.of("zfs", "send", "-nP"), sendWords(root, send)))
        : List.of();
  }

  private List<String> sendWords(FilesystemName root, Send send) {
    if (send.resumeToken().isPresent()) {
      return List.of("-t", send.resumeToken().get());
    }
    MemberSend first = send.members().get(0);
    String dataset = root.child(first.path()).value();
    List<String> words = new ArrayList<>(sendFlags());
    if (send.tree()) {
      words.add("-R");
    } else if (options.sendProperties() && (first.base().isEmpty() || !can.renamesReceived())) {
      words.add("-p");
    }
    first.base().ifPresent(base -> words.addAll(from(root, first, base, send.intermediates())));
    words.add(dataset + "@" + first.snapshot());
    return words;
  }

  private List<String> sendFlags() {
    List<String> flags = new ArrayList<>();
    if (options.raw()) {
      flags.add(need('w', "raw"));
    }
    if (options.largeBlocks()) {
      flags.add(need('L', "largeBlocks"));
    }
    if (options.compressed() && can.sends('c')) {
      flags.add("-c");
    }
    if (options.embedded() && can.sends('e')) {
      flags.add("-e");
    }
    return flags;
  }

  private String need(char flag, String option) {
    if (!can.sends(flag)) {
      throw unsupported("zfs send -" + flag, "send without " + option);
    }
    return "-" + flag;
  }

  /**
   * {@code -I} takes snapshots of the same dataset only; a bookmark can only be the base of one
   * step.
   */
  private static List<String> from(
      FilesystemName root, MemberSend member, Base base, boolean intermediates) {
    boolean same = base.path().equals(member.path());
    String name = (base.bookmark() ? "#" : "@") + base.name();
    return List.of(
        intermediates && same && !base.bookmark() ? "-I" : "-i",
        same ? name : root.child(base.path()) + name);
  }

  Command receive(FilesystemName root, Send send) {
    List<String> words = new ArrayList<>(List.of("zfs", "receive"));
    if (options.resumable() && can.receives('s')) {
      words.add("-s");
    }
    if (can.receives('u')) {
      words.add("-u");
    }
    if (can.receives('o') && isNewFor(send)) {
      receivedOverrides().forEach((name, value) -> words.addAll(List.of("-o", name + "=" + value)));
      options.receivedExcludes().forEach(name -> words.addAll(List.of("-x", name)));
    }
    words.add(root.child(send.members().get(0).path()).value());
    return Command.of(words);
  }

  /**
   * Whether something comes to be that did not exist before; a resumed stream may be a first one.
   */
  private static boolean isNewFor(Send send) {
    return send.members().stream().anyMatch(member -> member.base().isEmpty());
  }

  /** What {@code receive -o} can be given for any kind of dataset. */
  Map<String, String> receivedOverrides() {
    return options.receivedOverrides().entrySet().stream()
        .filter(entry -> !entry.getKey().equals(CANMOUNT))
        .collect(
            Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
  }

  static Command abort(List<String> datasets) {
    return Command.batch(List.of("zfs", "receive", "-A"), singles(datasets));
  }

  // ------------------------------------------------------------------ words

  private UnsupportedException unsupported(String what, String instead) {
    return new UnsupportedException(
        "'" + what + "' is not known to " + can.describe() + " on " + host + " (" + instead + ")",
        null);
  }

  private static List<List<String>> singles(List<String> words) {
    return words.stream().map(List::of).toList();
  }

  @SafeVarargs
  private static Command of(List<String>... words) {
    return Command.of(join(words));
  }

  @SafeVarargs
  private static List<String> join(List<String>... words) {
    List<String> argv = new ArrayList<>();
    for (List<String> some : words) {
      argv.addAll(some);
    }
    return argv;
  }

  /** {@code dataset@name} of each path below the root. */
  static List<String> snapshots(FilesystemName root, List<String> paths, String name) {
    return paths.stream().map(path -> root.child(path) + "@" + name).toList();
  }

  static List<String> datasets(FilesystemName root, Stream<String> paths) {
    return paths.map(path -> root.child(path).value()).toList();
  }
}
