package io.replication4j.zfs;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.zfs.ZfsRow.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the listings that {@link ZfsCommands} asks for. All or nothing: a row that cannot be read
 * makes the whole output unusable. Names hold neither tab nor newline, so columns are what stands
 * between tabs.
 */
final class ZfsListParser {

  /** The columns of {@link #rows}, in order. */
  static final List<String> COLUMNS =
      List.of(
          "name",
          "type",
          "guid",
          "createtxg",
          "creation",
          "available",
          "written",
          "receive_resume_token");

  /**
   * The properties of {@link #pivoted}: {@code unique} of a dataset is what {@code written} is
   * elsewhere.
   */
  static final List<String> OLD_PROPERTIES =
      List.of("type", "guid", "createtxg", "creation", "available", "unique");

  private static final Pattern NAME_AND_TYPE = Pattern.compile("([^\t]+)\t(?:filesystem|volume)");

  private static final String NONE = "-";

  private final String source;

  /**
   * @param source the command and host, for messages
   */
  ZfsListParser(String source) {
    this.source = source;
  }

  /**
   * What {@link ZfsCommands#look} found, once each.
   *
   * @param names of filesystems and volumes of which nothing more was asked
   */
  record Listing(
      List<ZfsRow> rows, Map<String, Map<String, Property>> properties, Set<String> names) {}

  /**
   * Takes apart what several runs of {@code zfs} printed: a property row has four columns, a name
   * with its type two, and no other row has.
   *
   * @param exact whether the rows are of {@code zfs list}, see {@link ZfsCapabilities#exactListing}
   */
  Listing listing(String output, boolean exact) {
    List<String> rows = new ArrayList<>();
    List<String> properties = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (String line : (Iterable<String>) output.lines()::iterator) {
      Matcher name = NAME_AND_TYPE.matcher(line);
      if (name.matches()) {
        names.add(name.group(1));
      } else {
        (line.chars().filter(c -> c == '\t').count() == 3 ? properties : rows).add(line);
      }
    }
    return new Listing(exact ? rows(rows) : pivoted(rows), properties(properties), names);
  }

  /** Rows of {@code zfs list -Hp -o} {@link #COLUMNS}, in their order. */
  List<ZfsRow> rows(List<String> lines) {
    List<ZfsRow> rows = new ArrayList<>();
    for (String line : lines) {
      String[] columns = line.split("\t", -1);
      if (columns.length != COLUMNS.size()) {
        throw unreadable(line, "has " + columns.length + " columns, not " + COLUMNS.size());
      }
      rows.add(row(line, columns));
    }
    return rows;
  }

  private ZfsRow row(String line, String[] columns) {
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < columns.length; i++) {
      values.put(COLUMNS.get(i), columns[i]);
    }
    return row(line, columns[0], values, "written");
  }

  private ZfsRow row(String line, String name, Map<String, String> values, String written) {
    Kind kind = kind(line, value(values, "type"));
    int separator = separator(line, name, kind);
    return new ZfsRow(
        kind,
        name.substring(0, separator),
        separator == name.length() ? "" : name.substring(separator + 1),
        Long.toUnsignedString(unsigned(line, value(values, "guid"))),
        unsigned(line, value(values, "createtxg")),
        unsigned(line, value(values, "creation")),
        optional(values, "available").map(number -> unsigned(line, number)),
        optional(values, written).map(number -> unsigned(line, number)),
        optional(values, "receive_resume_token"));
  }

  private static String value(Map<String, String> values, String column) {
    return values.getOrDefault(column, NONE);
  }

  private static Optional<String> optional(Map<String, String> values, String column) {
    return Optional.of(value(values, column)).filter(value -> !value.equals(NONE));
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

  /**
   * Rows of {@code zfs get -Hp -o name,property,value} {@link #OLD_PROPERTIES}, in order of first
   * appearance.
   */
  List<ZfsRow> pivoted(List<String> lines) {
    Map<String, Map<String, String>> byName = new LinkedHashMap<>();
    for (String line : lines) {
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
    return row(line, name, values, "unique");
  }

  /**
   * A property's value with its source.
   *
   * @param source {@code local}, {@code received}, {@code default}, {@code inherited from …} or
   *     {@code -}
   */
  record Property(String value, String source) {}

  /** Properties by dataset, of {@code zfs get -Hp -o name,property,value,source}. */
  Map<String, Map<String, Property>> properties(List<String> lines) {
    Map<String, Map<String, Property>> found = new LinkedHashMap<>();
    for (String line : lines) {
      String[] columns = line.split("\t", -1);
      if (columns.length != 4) {
        throw unreadable(line, "is not a name, a property, its value and its source");
      }
      found
          .computeIfAbsent(columns[0], name -> new LinkedHashMap<>())
          .put(columns[1], new Property(columns[2], columns[3]));
    }
    return found;
  }

  private UnexpectedOutputException unreadable(String row, String why) {
    return new UnexpectedOutputException(
        source
            + ": a row "
            + why
            + ": '"
            + (row.length() > 300 ? row.substring(0, 300) + "…" : row)
            + "' (nothing of this output was used; is that the zfs of OpenZFS or zfs-fuse?)",
        null);
  }
}
