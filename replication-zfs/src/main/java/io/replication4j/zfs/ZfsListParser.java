package io.replication4j.zfs;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.zfs.ZfsRow.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the listings that {@link ZfsCommands} asks for. All or nothing: a row that cannot be read makes the whole output
 * unusable. Names hold neither tab nor newline, so columns are what stands between tabs.
 */
final class ZfsListParser {

  /** The columns of {@link #rows}, in order. */
  static final List<String> COLUMNS =
      List.of("name", "type", "guid", "createtxg", "creation", "written", "receive_resume_token");

  /** The properties of {@link #pivoted}: {@code unique} of a dataset is what {@code written} is elsewhere. */
  static final List<String> OLD_PROPERTIES =
      List.of("type", "guid", "createtxg", "creation", "unique");

  private final String source;

  /**
   * @param source the command and host, for messages
   */
  ZfsListParser(String source) {
    this.source = source;
  }

  /** Rows of {@code zfs list -Hp -o} {@link #COLUMNS}, in their order. */
  List<ZfsRow> rows(String output) {
    List<ZfsRow> rows = new ArrayList<>();
    for (String line : (Iterable<String>) output.lines()::iterator) {
      String[] columns = line.split("\t", -1);
      if (columns.length != COLUMNS.size()) {
        throw unreadable(line, "has " + columns.length + " columns, not " + COLUMNS.size());
      }
      rows.add(row(line, columns));
    }
    return rows;
  }

  private ZfsRow row(String line, String[] columns) {
    Optional<String> token =
        isNone(columns[6]) ? Optional.empty() : Optional.of(columns[6]);
    return row(line, columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], token);
  }

  private ZfsRow row(
      String line, String name, String type, String guid, String createtxg, String creation,
      String written, Optional<String> token) {
    Kind kind = kind(line, type);
    int separator = separator(line, name, kind);
    return new ZfsRow(
        kind,
        name.substring(0, separator),
        separator == name.length() ? "" : name.substring(separator + 1),
        Long.toUnsignedString(unsigned(line, guid)),
        unsigned(line, createtxg),
        unsigned(line, creation),
        isNone(written) ? Optional.empty() : Optional.of(unsigned(line, written)),
        token);
  }

  private Kind kind(String line, String type) {
    try {
      return Kind.valueOf(type.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw unreadable(line, "has the unknown type '" + type + "'");
    }
  }

  private int separator(String line, String name, Kind kind) {
    int separator =
        switch (kind) {
          case SNAPSHOT -> name.indexOf('@');
          case BOOKMARK -> name.indexOf('#');
          default -> name.length();
        };
    if (separator <= 0 || separator == name.length() - 1) {
      throw unreadable(line, "is no name of a " + kind.name().toLowerCase(Locale.ROOT));
    }
    return separator;
  }

  private long unsigned(String line, String number) {
    try {
      return Long.parseUnsignedLong(number);
    } catch (NumberFormatException e) {
      throw unreadable(line, "has '" + number + "' for a number");
    }
  }

  private static boolean isNone(String value) {
    return value.equals("-");
  }

  /** Rows of {@code zfs get -Hp -o name,property,value} {@link #OLD_PROPERTIES}, in order of first appearance. */
  List<ZfsRow> pivoted(String output) {
    Map<String, Map<String, String>> byName = new LinkedHashMap<>();
    for (String line : (Iterable<String>) output.lines()::iterator) {
      String[] columns = line.split("\t", -1);
      if (columns.length != 3 || !OLD_PROPERTIES.contains(columns[1])) {
        throw unreadable(line, "is not a name, a property that was asked for, and its value");
      }
      byName.computeIfAbsent(columns[0], name -> new LinkedHashMap<>()).put(columns[1], columns[2]);
    }
    List<ZfsRow> rows = new ArrayList<>();
    byName.forEach((name, values) -> rows.add(pivoted(name, values)));
    return rows;
  }

  private ZfsRow pivoted(String name, Map<String, String> values) {
    String line = name + " " + values;
    if (values.size() != OLD_PROPERTIES.size()) {
      throw unreadable(line, "lacks properties");
    }
    return row(
        line, name, need(values, "type"), need(values, "guid"), need(values, "createtxg"),
        need(values, "creation"), need(values, "unique"), Optional.empty());
  }

  private static String need(Map<String, String> values, String property) {
    return values.getOrDefault(property, "");
  }

  /**
   * A property's value with its source.
   *
   * @param source {@code local}, {@code received}, {@code default}, {@code inherited from …} or {@code -}
   */
  record Property(String value, String source) {}

  /**
   * Properties by dataset, of {@code zfs get -Hp -o name,property,value,source all names…}. Values of other people's user
   * properties may hold tabs and newlines: a row begins where a line begins with one of the names and a tab.
   */
  Map<String, Map<String, Property>> properties(String output, List<String> names) {
    Map<String, Map<String, Property>> found = new LinkedHashMap<>();
    StringBuilder row = new StringBuilder();
    for (String line : (Iterable<String>) output.lines()::iterator) {
      int tab = line.indexOf('\t');
      boolean begins = tab > 0 && names.contains(line.substring(0, tab));
      if (!begins && row.isEmpty()) {
        throw unreadable(line, "is not about any of " + names);
      }
      if (begins && !row.isEmpty()) {
        addProperty(row.toString(), found);
        row.setLength(0);
      }
      row.append(row.isEmpty() ? "" : "\n").append(line);
    }
    if (!row.isEmpty()) {
      addProperty(row.toString(), found);
    }
    return found;
  }

  private void addProperty(String row, Map<String, Map<String, Property>> found) {
    int name = row.indexOf('\t');
    int property = row.indexOf('\t', name + 1);
    int value = row.lastIndexOf('\t');
    if (property < 0 || value <= property) {
      throw unreadable(row, "is not a name, a property, its value and its source");
    }
    found
        .computeIfAbsent(row.substring(0, name), key -> new LinkedHashMap<>())
        .put(
            row.substring(name + 1, property),
            new Property(row.substring(property + 1, value), row.substring(value + 1)));
  }

  private UnexpectedOutputException unreadable(String row, String why) {
    return new UnexpectedOutputException(
        source + ": a row " + why + ": '" + (row.length() > 300 ? row.substring(0, 300) + "…" : row)
            + "' (nothing of this output was used; is that the zfs of OpenZFS or zfs-fuse?)",
        null);
  }
}
