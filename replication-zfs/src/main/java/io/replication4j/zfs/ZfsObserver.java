package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
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
import java.util.stream.Stream;

/** Looks at datasets: which exist and what they record, then everything below them. */
final class ZfsObserver {

  private final ZfsBackend backend;
  private final ZfsCommands tools;

  ZfsObserver(ZfsBackend backend, ZfsCommands tools) {
    this.backend = backend;
    this.tools = tools;
  }

  List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    Set<String> asked = new LinkedHashSet<>();
    for (ObserveRequest request : requests) {
      asked.add(request.root().value());
      parent(request.root().value()).ifPresent(asked::add);
    }
    Map<String, Map<String, Property>> properties = properties(List.copyOf(asked));
    flush(requests, properties.keySet());
    Map<String, List<ZfsRow>> rows = new HashMap<>();
    list(requests, properties.keySet(), true, rows);
    list(requests, properties.keySet(), false, rows);
    List<Observation> observations = new ArrayList<>();
    for (ObserveRequest request : requests) {
      observations.add(observation(request, properties, rows));
    }
    return observations;
  }

  static Optional<String> parent(String dataset) {
    int slash = dataset.lastIndexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(dataset.substring(0, slash));
  }

  // ------------------------------------------------------------------ what exists

  /**
   * The properties of those that exist. Absent is only what the tool itself calls absent; if its words did not fit into the
   * tail of standard error that is kept, the rest is asked again.
   */
  private Map<String, Map<String, Property>> properties(List<String> names)
      throws InterruptedException {
    Map<String, Map<String, Property>> found = new HashMap<>();
    List<String> open = names;
    while (!open.isEmpty()) {
      Command command = ZfsCommands.properties(open);
      CommandResult result = backend.runner().run(command);
      Map<String, Map<String, Property>> some = parser(command).properties(result.output(), open);
      Set<String> settled = new HashSet<>(some.keySet());
      settled.addAll(absent(command, result));
      found.putAll(some);
      List<String> rest = open.stream().filter(name -> !settled.contains(name)).toList();
      if (rest.size() == open.size() || (!rest.isEmpty() && result.succeeded())) {
        throw new UnexpectedOutputException(
            command.verb() + " on " + backend.runner().host() + " says nothing of " + rest, null);
      }
      open = rest;
    }
    return found;
  }

  private Set<String> absent(Command command, CommandResult result) {
    Set<String> names = new HashSet<>();
    if (!result.succeeded()) {
      List<String> lines = result.errorTail().lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        Optional<String> name = ZfsErrors.absent(lines.get(i));
        boolean cutOff = i == 0 && lines.size() > 1;
        if (name.isEmpty() && !cutOff) {
          throw backend.failure(command, result);
        }
        name.ifPresent(names::add);
      }
      if (lines.isEmpty()) {
        throw backend.failure(command, result);
      }
    }
    return names;
  }

  private void flush(List<ObserveRequest> requests, Set<String> existing)
      throws InterruptedException {
    List<String> held =
        requests.stream()
            .filter(request -> request.flush() && existing.contains(request.root().value()))
            .map(request -> request.root().value())
            .toList();
    if (!held.isEmpty()) {
      for (Command command : tools.flush(held)) {
        backend.runOrFail(command, backend.runner());
      }
    }
  }

  // ------------------------------------------------------------------ what is below

  private void list(
      List<ObserveRequest> requests, Set<String> existing, boolean recursive, Map<String, List<ZfsRow>> into)
      throws InterruptedException {
    List<String> roots =
        requests.stream()
            .filter(request -> request.recursive() == recursive)
            .map(request -> request.root().value())
            .filter(existing::contains)
            .distinct()
            .toList();
    if (!roots.isEmpty()) {
      Command command = tools.list(roots, recursive);
      String output = backend.runOrFail(command, backend.runner()).output();
      Map<String, List<ZfsRow>> rows = byDataset(parse(command, output));
      rows.forEach(recursive ? into::put : into::putIfAbsent);
    }
  }

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
    Optional<String> parent = parent(root.value());
    Map<String, Property> own = properties.getOrDefault(root.value(), Map.of());
    if (own.isEmpty()) {
      boolean prepared = parent.isEmpty() || properties.containsKey(parent.get());
      Optional<Long> available =
          parent.flatMap(name -> available(properties.getOrDefault(name, Map.of())));
      return new Observation(root, List.of(), "", Map.of(), prepared, available);
    }
    List<ObservedFilesystem> members = members(request, rows);
    String guid =
        rows.get(root.value()).stream().filter(ZfsRow::isDataset).findFirst().orElseThrow().guid();
    return new Observation(root, members, guid, states(own), true, available(own));
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
    if (!rows.containsKey(root.value())) {
      throw new NotFoundException(
          "zfs list on " + backend.runner().host() + " no longer lists " + root
              + ", which existed a moment ago (run it again)", null);
    }
    Stream<String> names =
        request.recursive()
            ? rows.keySet().stream().filter(name -> FilesystemName.of(name).isWithin(root))
            : Stream.of(root.value());
    return names
        .map(name -> member(FilesystemName.of(name).pathFrom(root), rows.get(name)))
        .sorted(Comparator.comparing(member -> member.path().replace('/', '\0')))
        .toList();
  }

  private ObservedFilesystem member(String path, List<ZfsRow> rows) {
    ZfsRow dataset =
        rows.stream()
            .filter(ZfsRow::isDataset)
            .findFirst()
            .orElseThrow(
                () -> new UnexpectedOutputException(
                    "zfs list on " + backend.runner().host() + " lists versions without their dataset: " + rows, null));
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
