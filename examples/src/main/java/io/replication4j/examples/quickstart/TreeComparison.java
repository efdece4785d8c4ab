package io.replication4j.examples.quickstart;

import io.replication4j.examples.lab.LabException;
import io.replication4j.examples.lab.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares two directories file by file: names, types, contents, modes, owners, modification times, extended
 * attributes and ACLs, hard links, symbolic links, devices, holes. Uses nothing of the library.
 */
final class TreeComparison {

  private static final String COLUMNS = "%P\\0%y\\0%m %U:%G\\0%T@\\0%s\\0%b\\0%n\\0%l\\0";
  private static final int SHOWN = 10;

  private final Tools tools;
  private final boolean withAttributes;

  /** {@code withAttributes}: whether these filesystems have extended attributes. */
  TreeComparison(Tools tools, boolean withAttributes) {
    this.tools = tools;
    this.withAttributes = withAttributes;
  }

  /** One file, as far as it is not its content. */
  private record Entry(
      String type, String owner, String time, long size, long blocks, String links, String target) {

    /** What must be the same; a directory's size and link count are the filesystem's own business. */
    String metadata() {
      String common = "type " + type + ", mode and owner " + owner + ", modified " + time + " " + target;
      return type.equals("d") ? common : common + ", " + size + " bytes, " + links + " links" + holes();
    }

    private String holes() {
      return type.equals("f") && size > 128 << 10 && blocks * 512 < size * 9 / 10 ? ", holes" : "";
    }
  }

  /**
   * Compares; returns the number of files and directories.
   *
   * @throws LabException if anything differs, with the first ten differences
   */
  int requireEqual(Path source, Path target) throws IOException, InterruptedException {
    SortedMap<String, Entry> expected = entries(source);
    SortedMap<String, Entry> actual = entries(target);
    List<String> differences = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(expected.keySet());
    names.addAll(actual.keySet());
    for (String name : names) {
      Optional<Entry> left = Optional.ofNullable(expected.get(name));
      Optional<Entry> right = Optional.ofNullable(actual.get(name));
      compare(name, left, right).ifPresent(differences::add);
      if (left.isPresent() && right.isPresent() && left.get().type().equals("f")) {
        compareContent(source, target, name).ifPresent(differences::add);
      }
    }
    compare("extended attributes and ACLs", attributes(source), attributes(target), differences);
    compare("hard links", hardLinks(source, expected), hardLinks(target, actual), differences);
    requireNone(differences, target);
    return names.size();
  }

  private static Optional<String> compare(String name, Optional<Entry> left, Optional<Entry> right) {
    String source = left.map(Entry::metadata).orElse("missing");
    String target = right.map(Entry::metadata).orElse("missing");
    return source.equals(target)
        ? Optional.empty()
        : Optional.of("/" + name + ": source: " + source + "; target: " + target);
  }

  private static Optional<String> compareContent(Path source, Path target, String name) throws IOException {
    long at = Files.mismatch(source.resolve(name), target.resolve(name));
    return at < 0 ? Optional.empty() : Optional.of("/" + name + ": contents differ at byte " + at);
  }

  private static void compare(String what, Object source, Object target, List<String> differences) {
    if (!source.equals(target)) {
      differences.add(what + ": source: " + source + "; target: " + target);
    }
  }

  private static void requireNone(List<String> differences, Path target) {
    if (!differences.isEmpty()) {
      throw new LabException(
          target + " is not what its source is:\n  "
              + String.join("\n  ", differences.subList(0, Math.min(SHOWN, differences.size()))));
    }
  }

  private SortedMap<String, Entry> entries(Path top) throws InterruptedException {
    String[] fields = tools.run("find", top.toString(), "-printf", COLUMNS).split("\0", -1);
    SortedMap<String, Entry> entries = new TreeMap<>();
    for (int i = 0; i + 7 < fields.length; i += 8) {
      entries.put(
          fields[i],
          new Entry(
              fields[i + 1],
              fields[i + 2],
              fields[i + 3],
              Long.parseLong(fields[i + 4]),
              Long.parseLong(fields[i + 5]),
              fields[i + 6],
              fields[i + 7]));
    }
    return entries;
  }

  /** What getfattr(1) prints for every file that has any; ACLs are attributes too. */
  private SortedMap<String, String> attributes(Path top) throws InterruptedException {
    if (!withAttributes) {
      return Collections.emptySortedMap();
    }
    String dump = tools.run("getfattr", "--absolute-names", "-R", "-P", "-h", "-d", "-m", "-", "-e", "hex", top + "");
    SortedMap<String, String> attributes = new TreeMap<>();
    for (String file : dump.split("\n\n")) {
      String[] lines = file.strip().split("\n", 2);
      if (lines.length == 2) {
        attributes.put(lines[0].replace(top.toString(), ""), lines[1]);
      }
    }
    return attributes;
  }

  /** The names of each file that has several, in order of the first. */
  private static List<List<String>> hardLinks(Path top, SortedMap<String, Entry> entries) throws IOException {
    Map<Object, List<String>> byIdentity = new HashMap<>();
    for (String name : entries.keySet()) {
      Path file = top.resolve(name);
      if (!entries.get(name).type().equals("d") && !entries.get(name).links().equals("1")) {
        Object identity =
            Files.readAttributes(file, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
        byIdentity.computeIfAbsent(identity, i -> new ArrayList<>()).add(name);
      }
    }
    return byIdentity.values().stream().sorted((a, b) -> a.get(0).compareTo(b.get(0))).toList();
  }
}
