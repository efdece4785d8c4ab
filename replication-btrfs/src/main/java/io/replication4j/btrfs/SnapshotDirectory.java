package io.replication4j.btrfs;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.VersionId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What find(1) saw in the subvolumes of ours: NUL-separated, so that no name can pretend to be two.
 * Only root can write there, which makes it the measure for the rows of {@code btrfs subvolume
 * list}.
 *
 * @param directories all directories, as host paths
 * @param subvolumes those that are subvolumes
 * @param records the contents of the records, by host path
 * @param spools what arrived of streams, as host paths
 */
record SnapshotDirectory(
    Set<String> directories,
    Set<String> subvolumes,
    Map<String, String> records,
    Set<String> spools) {

  /** A directory, a record, a spool. */
  private static final Set<String> KINDS = Set.of("d", "f", "s");

  /** The inode number of the top directory of every subvolume. */
  private static final String TOP_INODE = "256";

  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  SnapshotDirectory {
    directories = Set.copyOf(directories);
    subvolumes = Set.copyOf(subvolumes);
    records = Map.copyOf(records);
    spools = Set.copyOf(spools);
  }

  static SnapshotDirectory empty() {
    return new SnapshotDirectory(Set.of(), Set.of(), Map.of(), Set.of());
  }

  /** Reads the output of {@link BtrfsCommands#readDirectories}. */
  static SnapshotDirectory parse(String output) {
    Set<String> directories = new HashSet<>();
    Set<String> subvolumes = new HashSet<>();
    Map<String, String> records = new HashMap<>();
    Set<String> spools = new HashSet<>();
    String[] words = output.split("\0", -1);
    int at = 0;
    while (at < words.length - 1) {
      String[] head = words[at].split(" ", 3);
      boolean record = head[0].equals("f");
      if (head.length != 3 || !KINDS.contains(head[0]) || at + (record ? 3 : 2) >= words.length) {
        throw new UnexpectedOutputException(
            "cannot read this output of find: '" + words[at] + "'", null);
      }
      String path = head[2] + "/" + words[at + 1];
      if (record) {
        records.put(path, words[at + 2].strip());
      } else if (head[0].equals("s")) {
        spools.add(path);
      } else {
        directories.add(path);
        if (head[1].equals(TOP_INODE)) {
          subvolumes.add(path);
        }
      }
      at += record ? 3 : 2;
    }
    return new SnapshotDirectory(directories, subvolumes, records, spools);
  }

  /** Whether anything of a stream to this filesystem lies in a spool. */
  boolean hasSpool(BtrfsLayout layout) {
    return !spoolNames(layout).isEmpty();
  }

  /** The version whose stream the spool holds; empty if there is not exactly one. */
  Optional<VersionId> spooled(BtrfsLayout layout) {
    List<String> whole =
        spoolNames(layout).stream().filter(name -> UUID.matcher(name).matches()).toList();
    boolean only =
        whole.size() == 1 && spoolNames(layout).stream().allMatch(n -> n.startsWith(whole.get(0)));
    return only ? Optional.of(VersionId.of(whole.get(0))) : Optional.empty();
  }

  /** Without what they all begin with. */
  private List<String> spoolNames(BtrfsLayout layout) {
    String prefix = layout.leafDirectory() + "/" + BtrfsLayout.SPOOL;
    return spools.stream()
        .filter(path -> path.startsWith(prefix))
        .map(path -> path.substring(prefix.length()))
        .toList();
  }

  /** The records of one filesystem, by pair. */
  Map<String, String> states(BtrfsLayout layout) {
    Map<String, String> states = new HashMap<>();
    String prefix = layout.stateFile("").replaceFirst("\\.json$", "");
    records.forEach(
        (path, text) -> {
          if (path.startsWith(prefix) && path.endsWith(".json")) {
            states.put(path.substring(prefix.length(), path.length() - ".json".length()), text);
          }
        });
    return states;
  }

  /**
   * What of {@code listed}, the host paths of all rows that claim to lie in the sets of {@code
   * leaf}, and of what lies there has no counterpart; empty if the listing can be trusted.
   */
  Set<String> differences(String leaf, List<String> listed) {
    Set<String> differences = new TreeSet<>(listed);
    differences.removeAll(subvolumes);
    subvolumes.stream()
        .filter(path -> path.startsWith(leaf + "/") && !listed.contains(path))
        .forEach(differences::add);
    return differences;
  }
}
