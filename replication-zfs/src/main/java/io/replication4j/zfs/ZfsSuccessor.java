package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.KeepAside;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is on its way to take the place of a member that is kept aside. It stands beside the pair's
 * root, and its name says all that is needed to finish: {@code
 * pool/data.r4j-successor:.ASIDE:.a:.b} for the member {@code a/b} of {@code pool/data}, with
 * {@code :.} for a slash and {@code ::} for a colon. One that is still there when nothing runs was
 * left by a run that was cut.
 *
 * @param root the pair's
 * @param asideName what the member's last version, and its data, are kept as
 * @param member the path below the root; empty for the root itself
 */
record ZfsSuccessor(FilesystemName root, String asideName, String member) {

  private static final String MARK = "r4j-successor:.";
  private static final Pattern ESCAPED = Pattern.compile(":[:.]");

  static ZfsSuccessor of(FilesystemName root, KeepAside step) {
    return new ZfsSuccessor(root, step.asideName(), step.member());
  }

  /**
   * Below what successors of this root's members would stand, directly. A pool's would stand below
   * itself.
   */
  static String home(FilesystemName root) {
    return ZfsObserver.parent(root.value()).orElse(root.value());
  }

  /** The successors among these datasets, the root's own first. */
  static List<ZfsSuccessor> among(Iterable<String> datasets, FilesystemName root) {
    Map<String, ZfsSuccessor> found = new TreeMap<>();
    for (String dataset : datasets) {
      parse(dataset, root).ifPresent(successor -> found.put(successor.place(), successor));
    }
    return List.copyOf(found.values());
  }

  private static Optional<ZfsSuccessor> parse(String dataset, FilesystemName root) {
    if (!dataset.startsWith(prefix(root))) {
      return Optional.empty();
    }
    String text =
        ESCAPED
            .matcher(dataset.substring(prefix(root).length()))
            .replaceAll(match -> match.group().equals("::") ? ":" : "/");
    int slash = text.indexOf('/');
    ZfsSuccessor successor =
        slash < 0
            ? new ZfsSuccessor(root, text, "")
            : new ZfsSuccessor(root, text.substring(0, slash), text.substring(slash + 1));
    return Optional.of(successor).filter(parsed -> parsed.dataset().equals(dataset));
  }

  private static String prefix(FilesystemName root) {
    return root.value() + (root.value().contains("/") ? "." : "/") + MARK;
  }

  /** Where it is now. */
  String dataset() {
    String text = member.isEmpty() ? asideName : asideName + "/" + member;
    return prefix(root) + text.replace(":", "::").replace("/", ":.");
  }

  /** Where it will be. */
  String place() {
    return root.child(member).value();
  }

  /** Where what it succeeds will be. */
  String aside() {
    return ZfsAside.aside(root, member, asideName);
  }

  /** The base is named so before the successor is made from it. */
  String base(String dataset) {
    return dataset + "@" + asideName;
  }

  /**
   * Changes what was observed to what it will be once the exchange is finished: the successor at
   * its place, with the history up to the base, wherever that is now, and with the children of
   * both. Changes nothing if it is not there any more.
   *
   * @return whether it is there
   */
  boolean settle(Map<String, Set<ZfsRow>> rows) {
    if (!rows.containsKey(dataset())) {
      return false;
    }
    Set<ZfsRow> replaced = Optional.ofNullable(rows.remove(place())).orElseGet(Set::of);
    for (String name : List.copyOf(rows.keySet())) {
      if (name.equals(dataset()) || name.startsWith(dataset() + "/")) {
        String later = place() + name.substring(dataset().length());
        Set<ZfsRow> moved = rows.computeIfAbsent(later, key -> new LinkedHashSet<>());
        Optional.ofNullable(rows.remove(name))
            .orElseGet(Set::of)
            .forEach(row -> moved.add(row.at(later)));
      }
    }
    rows.getOrDefault(place(), new LinkedHashSet<>()).addAll(inherited(replaced));
    return true;
  }

  /**
   * What it will take over from the member: the base and what is older; nothing any more once it
   * was promoted.
   */
  private List<ZfsRow> inherited(Set<ZfsRow> replaced) {
    return replaced.stream()
        .filter(row -> row.isSnapshot(asideName))
        .findFirst()
        .map(
            base ->
                replaced.stream()
                    .filter(row -> row.kind() == ZfsRow.Kind.SNAPSHOT)
                    .filter(row -> Long.compareUnsigned(row.createtxg(), base.createtxg()) <= 0)
                    .toList())
        .orElseGet(List::of);
  }
}
