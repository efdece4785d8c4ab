package io.replication4j.zfs;

import static java.util.Objects.requireNonNull;

import io.replication4j.FilesystemName;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.LiveState.Kind;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import io.replication4j.zfs.ZfsListParser.Property;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** Looks at datasets: which exist and what they record, then everything below them. */
final class ZfsObserver {

  /** About as much as a runner keeps of standard error; less is whole. */
  private static final int KEPT = 8000;

  private final ZfsBackend backend;
  private final ZfsCommands tools;

  ZfsObserver(ZfsBackend backend, ZfsCommands tools) {
    this.backend = backend;
    this.tools = tools;
  }

  List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    List<String> roots = requests.stream().map(request -> request.root().value()).distinct().toList();
    Set<String> pairs = new TreeSet<>();
    requests.forEach(request -> pairs.addAll(request.pairs()));
    Map<String, Map<String, Property>> properties =
        pairs.isEmpty() ? Map.of() : properties(withParents(roots), pairs);
    flush(requests);
    Map<String, List<ZfsRow>> rows = new HashMap<>();
    list(requests, true, rows);
    list(requests, false, rows);
    List<String> absent = roots.stream().filter(root -> !rows.containsKey(root)).toList();
    if (pairs.isEmpty() && !absent.isEmpty()) {
      properties = properties(withParents(absent), pairs);
    }
    List<Observation> observations = new ArrayList<>();
    for (ObserveRequest request : requests) {
      observations.add(observation(request, properties, rows));
    }
    return observations;
  }

  private static List<String> withParents(List<String> datasets) {
    Set<String> names = new LinkedHashSet<>(datasets);
    datasets.forEach(dataset -> parent(dataset).ifPresent(names::add));
    return List.copyOf(names);
  }

  static Optional<String> parent(String dataset) {
    int slash = dataset.lastIndexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(dataset.substring(0, slash));
  }

  // ------------------------------------------------------------------ what exists

  private Map<String, Map<String, Property>> properties(List<String> names, Set<String> pairs)
      throws InterruptedException {
    Map<String, Map<String, Property>> found = new HashMap<>();
    List<String> states = pairs.stream().map(ZfsProperties::state).toList();
    ask(
        names,
        open -> ZfsCommands.properties(states, open),
        (command, output) -> {
          Map<String, Map<String, Property>> some = parser(command).properties(output);
          found.putAll(some);
          return some.keySet();
        });
    return found;
  }

  private void list(List<ObserveRequest> requests, boolean recursive, Map<String, List<ZfsRow>> into)
      throws InterruptedException {
    List<String> roots =
        requests.stream()
            .filter(request -> request.recursive() == recursive)
            .map(request -> request.root().value())
            .distinct()
            .toList();
    ask(
        roots,
        open -> tools.list(open, recursive),
        (command, output) -> {
          Map<String, List<ZfsRow>> rows = byDataset(parse(command, output));
          rows.forEach(recursive ? into::put : into::putIfAbsent);
          return rows.keySet();
        });
  }

  /** Reads an output, and tells of which datasets it speaks. */
  private interface Reader {
    Set<String> read(Command command, String output);
  }

  /**
   * Asks about datasets that may be absent. Absent is only what the tool itself calls absent; if its words did not fit into the
   * tail of standard error that is kept, the rest is asked again.
   */
  private void ask(List<String> names, Function<List<String>, Command> question, Reader reader)
      throws InterruptedException {
    List<String> open = names;
    while (!open.isEmpty()) {
      Command command = question.apply(open);
      CommandResult result = backend.runner().run(command);
      Set<String> settled = new HashSet<>(absent(command, result));
      settled.addAll(reader.read(command, result.output()));
      List<String> rest = open.stream().filter(name -> !settled.contains(name)).toList();
      if (rest.size() == open.size() || (!rest.isEmpty() && result.succeeded())) {
        throw new UnexpectedOutputException(
            command.verb() + " on " + backend.runner().host() + " says nothing of " + rest, null);
      }
      open = rest;
    }
  }

  private Set<String> absent(Command command, CommandResult result) {
    Set<String> names = new HashSet<>();
    if (!result.succeeded()) {
      List<String> lines = result.errorTail().lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        Optional<String> name = ZfsErrors.absent(lines.get(i));
        boolean cutOff = i == 0 && lines.size() > 1 && result.errorTail().length() >= KEPT;
        if (name.isEmpty() && !cutOff) {
          throw backend.failure(command, result);
        }
        name.ifPresent(names::add);
      }
      if (names.isEmpty()) {
        throw backend.failure(command, result);
      }
    }
    return names;
  }

  private void flush(List<ObserveRequest> requests) throws InterruptedException {
    List<String> held =
        requests.stream()
            .filter(ObserveRequest::flush)
            .map(request -> ZfsCommands.pool(request.root().value()))
            .distinct()
            .toList();
    if (!held.isEmpty()) {
      Command command = tools.flush(held);
      CommandResult result = backend.runner().run(command);
      boolean noPool = result.errorTail().lines().allMatch(ZfsErrors::isNoPool);
      if (!result.succeeded() && !noPool) {
        throw backend.failure(command, result);
      }
    }
  }

  // ------------------------------------------------------------------ what is below

  private List<ZfsRow> parse(Command command, String output) {
    return tools.capabilities().exactListing()
        ? parser(command).rows(output)
        : parser(command).pivoted(output);
  }

  private ZfsListParser parser(Command command) {
    return new ZfsListParser(command.verb() + " on " + backend.runner().host());
  }

  private static Map<String, List<ZfsRow>> byDataset(List<ZfsRow> rows) {
    Map<String, List<ZfsRow>> byDataset = new LinkedHashMap<>();
    for (ZfsRow row : new LinkedHashSet<>(rows)) { // roots may lie within each other
      byDataset.computeIfAbsent(row.dataset(), name -> new ArrayList<>()).add(row);
    }
    return byDataset;
  }

  // ------------------------------------------------------------------ values

  private Observation observation(
      ObserveRequest request,
      Map<String, Map<String, Property>> properties,
      Map<String, List<ZfsRow>> rows) {
    FilesystemName root = request.root();
    Map<String, Property> own = properties.getOrDefault(root.value(), Map.of());
    if (!rows.containsKey(root.value())) {
      Optional<String> parent = parent(root.value());
      boolean prepared = parent.map(properties::containsKey).orElse(true);
      Optional<Long> available =
          parent.map(name -> properties.getOrDefault(name, Map.of())).flatMap(ZfsObserver::available);
      return new Observation(root, List.of(), "", Map.of(), prepared, available);
    }
    ZfsRow dataset = dataset(rows.get(root.value()));
    return new Observation(
        root, members(request, rows), dataset.guid(), states(own), true, dataset.available());
  }

  private static Optional<Long> available(Map<String, Property> properties) {
    return Optional.ofNullable(properties.get("available"))
        .map(Property::value)
        .filter(value -> value.matches("\\d{1,18}"))
        .map(Long::parseLong);
  }

  /** Only what was set on this very dataset: a value that came with a stream or from the parent speaks of another one. */
  private static Map<String, String> states(Map<String, Property> properties) {
    Map<String, String> states = new TreeMap<>();
    properties.forEach(
        (name, property) -> {
          if (property.source().equals("local")) {
            ZfsProperties.pair(name).ifPresent(pair -> states.put(pair, property.value()));
          }
        });
    return states;
  }

  private List<ObservedFilesystem> members(
      ObserveRequest request, Map<String, List<ZfsRow>> rows) {
    FilesystemName root = request.root();
    Stream<String> names =
        request.recursive()
            ? rows.keySet().stream().filter(name -> FilesystemName.of(name).isWithin(root))
            : Stream.of(root.value());
    return names
        .map(name -> member(FilesystemName.of(name).pathFrom(root), requireNonNull(rows.get(name))))
        .sorted(Comparator.comparing(member -> member.path().replace('/', '\0')))
        .toList();
  }

  private ZfsRow dataset(List<ZfsRow> rows) {
    return rows.stream()
        .filter(ZfsRow::isDataset)
        .findFirst()
        .orElseThrow(
            () ->
                new UnexpectedOutputException(
                    "a listing on " + backend.runner().host() + " has versions without their dataset: "
                        + rows.get(0), null));
  }

  private ObservedFilesystem member(String path, List<ZfsRow> rows) {
    ZfsRow dataset = dataset(rows);
    List<ZfsRow> versions =
        rows.stream()
            .filter(row -> !row.isDataset())
            .sorted((a, b) -> Long.compareUnsigned(a.createtxg(), b.createtxg()))
            .toList();
    Optional<ResumeToken> token = dataset.resumeToken().flatMap(ResumeToken::decode);
    Optional<PartialReceive> partial =
        dataset.resumeToken()
            .map(text -> new PartialReceive(token.map(t -> VersionId.of(t.toGuid())), Optional.of(text)));
    boolean onlyPartial =
        token.isPresent() && token.get().fromGuid().isEmpty() && versions.isEmpty();
    return new ObservedFilesystem(
        path,
        versions.stream().map(ZfsRow::version).toList(),
        onlyPartial ? LiveState.absent() : live(dataset, versions),
        partial);
  }

  /** Nothing written since a snapshot is identity with it; and with the one before, if that one has nothing new either. */
  private LiveState live(ZfsRow dataset, List<ZfsRow> versions) {
    List<ZfsRow> snapshots =
        versions.stream().filter(row -> row.kind() == ZfsRow.Kind.SNAPSHOT).toList();
    Set<VersionId> same = new LinkedHashSet<>();
    Optional<Long> written = dataset.written();
    for (int i = snapshots.size() - 1; i >= 0 && written.equals(Optional.of(0L)); i--) {
      same.add(snapshots.get(i).id());
      written = tools.capabilities().exactListing() ? snapshots.get(i).written() : Optional.empty();
    }
    if (!same.isEmpty()) {
      return new LiveState(Kind.IDENTICAL, same);
    }
    return snapshots.isEmpty()
        ? LiveState.changed()
        : new LiveState(Kind.CHANGED, Set.of(snapshots.get(snapshots.size() - 1).id()));
  }
}
