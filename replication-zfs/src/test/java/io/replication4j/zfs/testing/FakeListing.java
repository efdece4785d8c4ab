package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.FakeBookmark;
import io.replication4j.zfs.testing.FakeDataset.FakeSnapshot;
import io.replication4j.zfs.testing.FakeProperties.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** {@code zfs list} and {@code zfs get}. */
final class FakeListing {

  private final FakePools pools;
  private final boolean old;
  private final FakeProperties properties;
  private final StringBuilder output = new StringBuilder();
  private final StringBuilder errors = new StringBuilder();

  FakeListing(FakePools pools, boolean old) {
    this.pools = pools;
    this.old = old;
    this.properties = new FakeProperties(pools, old);
  }

  String output() {
    return output.toString();
  }

  String errors() {
    return errors.toString();
  }

  /** Prints one dataset, snapshot or bookmark, given where its properties come from. */
  private interface Printer {
    void print(Function<String, Value> property);
  }

  void list(FakeWords words) {
    List<String> columns = words.list('o');
    columns.forEach(properties::requireKnown);
    List<String> types = words.has('t') ? words.list('t') : List.of("filesystem", "volume");
    if (old && types.contains("bookmark")) {
      throw new FakeRefusal(2, "invalid type 'bookmark'\nusage:");
    }
    visit(
        words,
        words.operands(),
        types,
        property ->
            output
                .append(
                    String.join(
                        "\t", columns.stream().map(c -> property.apply(c).value()).toList()))
                .append('\n'));
  }

  void get(FakeWords words) {
    List<String> fields = words.list('o');
    List<String> asked = Arrays.asList(words.operand(0).split(","));
    asked.forEach(properties::requireKnown);
    visit(
        words,
        words.operands().subList(1, words.operands().size()),
        List.of("filesystem", "volume", "snapshot"),
        property ->
            asked.forEach(name -> output.append(line(fields, name, property)).append('\n')));
  }

  private static String line(List<String> fields, String name, Function<String, Value> property) {
    Value value = property.apply(name);
    Map<String, String> cells =
        Map.of(
            "name",
            property.apply("name").value(),
            "property",
            name,
            "value",
            value.value(),
            "source",
            value.source());
    return String.join("\t", fields.stream().map(field -> cells.getOrDefault(field, "?")).toList());
  }

  private void visit(FakeWords words, List<String> names, List<String> types, Printer printer) {
    int depth =
        words.has('r') ? Integer.MAX_VALUE : words.value('d').map(Integer::parseInt).orElse(0);
    for (String name : names) {
      if (name.indexOf('@') > 0) {
        FakeSnapshot snapshot = pools.needSnapshot(name);
        if (!types.contains("snapshot")) {
          throw new FakeRefusal(
              "cannot open '" + name + "': operation not applicable to datasets of this type");
        }
        printer.print(property -> properties.of(FakePools.before(name, '@'), snapshot, property));
      } else if (pools.datasets.containsKey(name)) {
        visit(name, depth, types, printer);
      } else {
        errors.append("cannot open '").append(name).append("': dataset does not exist\n");
      }
    }
  }

  private void visit(String root, int depth, List<String> types, Printer printer) {
    pools
        .tree(root)
        .forEach(
            (name, dataset) -> {
              int level = (int) name.substring(root.length()).chars().filter(c -> c == '/').count();
              if (level <= depth) {
                print(name, dataset, types, level < depth, printer);
              }
            });
  }

  private void print(
      String name, FakeDataset dataset, List<String> types, boolean inside, Printer printer) {
    if (types.contains(dataset.volume ? "volume" : "filesystem")) {
      printer.print(property -> properties.of(name, dataset, property));
    }
    if (inside && types.contains("snapshot")) {
      for (FakeSnapshot snapshot : dataset.snapshots) {
        printer.print(property -> properties.of(name, snapshot, property));
      }
    }
    if (inside && types.contains("bookmark")) {
      for (FakeBookmark bookmark : dataset.bookmarks) {
        printer.print(property -> properties.of(name, bookmark, property));
      }
    }
  }
}
