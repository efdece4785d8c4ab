package io.replication4j.btrfs;

import static java.util.Objects.requireNonNull;

import io.replication4j.UnexpectedOutputException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code btrfs subvolume list} (btrfs-progs 4.4 to 6.x). A row that it cannot read makes all
 * of it useless.
 *
 * <p>Names are printed raw: a directory whose name holds a line break makes rows of its maker's
 * choice. So an id, a uuid or a path that occurs twice is refused here, and {@link
 * SnapshotDirectory} compares what is ours with the directory itself.
 */
final class SubvolumeListParser {

  /** The id of the top of every btrfs. */
  static final long TOP = 5;

  private static final String UUID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
  private static final String UUID_OR_NONE = "(-|" + UUID.substring(1, UUID.length() - 1) + ")";

  private static final Pattern ROW =
      Pattern.compile(
          "ID (\\d{1,18}) gen (\\d{1,18}) cgen (\\d{1,18}) parent (\\d{1,18}) top level \\d+ parent_uuid "
              + UUID_OR_NONE
              + " *received_uuid "
              + UUID_OR_NONE
              + " *uuid "
              + UUID
              + " path (.+)");

  private static final Pattern TIMED_ROW =
      Pattern.compile(
          "ID \\d+ gen \\d+ cgen \\d+ top level \\d+ otime (\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d) uuid "
              + UUID
              + " path .+");

  private SubvolumeListParser() {}

  /**
   * The rows of {@code -pcguqR}, in order, with paths from the top of the filesystem.
   *
   * @param listedFrom the id of the subvolume that was listed: the tool prints what lies below it
   *     relative to it, and all else from the top
   */
  static List<Subvolume> parse(String output, long listedFrom) {
    Map<Long, Subvolume> rows = new HashMap<>();
    List<Long> order = new ArrayList<>();
    Set<String> uuids = new HashSet<>();
    for (String line : lines(output)) {
      Subvolume row = row(line);
      if (rows.put(row.id(), row) != null || !uuids.add(row.uuid())) {
        throw unreadable("this row claims an id or a uuid that another one has", line);
      }
      order.add(row.id());
    }
    return absolute(rows, order, listedFrom);
  }

  /** The creation times of the rows of {@code -su} printed with {@code TZ=UTC}, by uuid. */
  static Map<String, Instant> parseTimes(String output) {
    Map<String, Instant> times = new HashMap<>();
    for (String line : lines(output)) {
      Matcher matcher = TIMED_ROW.matcher(line);
      if (!matcher.matches()) {
        throw unreadable("cannot read this row of 'btrfs subvolume list -su'", line);
      }
      LocalDateTime time = LocalDateTime.parse(matcher.group(1) + "T" + matcher.group(2));
      times.put(matcher.group(3), time.toInstant(ZoneOffset.UTC));
    }
    return times;
  }

  private static List<String> lines(String output) {
    if (output.isEmpty()) {
      return List.of();
    }
    if (!output.endsWith("\n")) {
      throw unreadable(
          "the listing ends in the middle of a row",
          output.substring(output.lastIndexOf('\n') + 1));
    }
    return List.of(output.substring(0, output.length() - 1).split("\n", -1));
  }

  private static Subvolume row(String line) {
    Matcher m = ROW.matcher(line);
    if (!m.matches()) {
      throw unreadable("cannot read this row of 'btrfs subvolume list -pcguqR'", line);
    }
    return new Subvolume(
        Long.parseLong(m.group(1)),
        Long.parseLong(m.group(2)),
        Long.parseLong(m.group(3)),
        Long.parseLong(m.group(4)),
        uuid(m.group(5)),
        uuid(m.group(6)),
        m.group(7),
        m.group(8));
  }

  private static Optional<String> uuid(String text) {
    return text.equals("-") ? Optional.empty() : Optional.of(text);
  }

  private static List<Subvolume> absolute(
      Map<Long, Subvolume> rows, List<Long> order, long listedFrom) {
    List<Subvolume> result = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (long id : order) {
      Subvolume row = requireNonNull(rows.get(id));
      String path =
          isBelow(rows, row, listedFrom)
              ? requireNonNull(rows.get(listedFrom)).path() + "/" + row.path()
              : row.path();
      if (!paths.add(path)) {
        throw unreadable("this row claims a path that another one has", path);
      }
      result.add(row.withPath(path));
    }
    return result;
  }

  private static boolean isBelow(Map<Long, Subvolume> rows, Subvolume row, long ancestor) {
    if (ancestor == TOP) {
      return false;
    }
    Subvolume at = row;
    for (int depth = 0; at.parent() != TOP; depth++) {
      Subvolume parent = rows.get(at.parent());
      if (parent == null || depth > rows.size()) {
        throw unreadable("this row lies in a subvolume that is not listed", row.path());
      }
      if (parent.id() == ancestor) {
        return true;
      }
      at = parent;
    }
    return false;
  }

  private static UnexpectedOutputException unreadable(String what, String line) {
    return new UnexpectedOutputException(
        what
            + ": '"
            + (line.length() > 400 ? line.substring(0, 400) + "…" : line)
            + "'; nothing of the listing was used (a subvolume whose path holds a line break looks like this: rename it)",
        null);
  }
}
