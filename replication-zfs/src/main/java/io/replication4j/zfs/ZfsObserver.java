package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.UnexpectedOutputException;
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

/**
 * Looks at datasets: everything below them, and the records on them. For one call of {@link
 * ZfsBackend#observe}; one listing, whatever is asked for.
 */
final class ZfsObserver {

  /** About as much as a runner keeps of standard error; less is whole. */
  private static final int KEPT = 8000;

  private final ZfsBackend backend;
  private final ZfsCommands tools;
  private final Map<String, Set<ZfsRow>> rows = new LinkedHashMap<>();
  private final Map<String, Map<String, Property>> properties = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<FilesystemName> unfinished = new HashSet<>();

  ZfsObserver(ZfsBackend backend, ZfsCommands tools) {
    this.backend = backend;
    this.tools = tools;
  }

  List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    flush(requests);
    List<ObserveRequest> open = requests;
    while (!open.isEmpty()) {
      Set<String> absent = ask(open);
      List<ObserveRequest> rest =
          open.stream()
              .filter(
                  r -> !rows.containsKey(r.root().value()) && !absent.contains(r.root().value()))
              .toList();
      if (rest.size() == open.size()) {
        throw new UnexpectedOutputException(
            "a listing on "
                + backend.runner().host()
                + " says nothing of "
                + rest.get(0).root()
                + ", neither that it exists nor that it does not",
            null);
      }
      open = rest; // what was said of them did not fit into the tail of standard error that is kept
    }
    settle(requests);
    return requests.stream().map(this::observation).toList();
  }

  static Optional<String> parent(String dataset) {
    int slash = dataset.lastIndexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(dataset.substring(0, slash));
  }

  // ------------------------------------------------------------------ asking

  /**
   * Returns what is absent by the tool's own word; what there is goes to {@link #rows} and {@link
   * #properties}.
   */
  private Set<String> ask(List<ObserveRequest> requests) throws InterruptedException {
    return ask(
        tools.look(
            roots(requests, true),
            roots(requests, false),
            withParents(requests),
            states(requests),
            homes(requests)));
  }

  private Set<String> ask(Command command) throws InterruptedException {
    CommandResult result = backend.runner().run(command);
    Set<String> absent = absent(command, result);
    ZfsListParser.Listing listing =
        new ZfsListParser("a listing on " + backend.runner().host())
            .listing(result.output(), tools.capabilities().exactListing());
    for (ZfsRow row : listing.rows()) {
      rows.computeIfAbsent(row.dataset(), name -> new LinkedHashSet<>()).add(row);
    }
    properties.putAll(listing.properties());
    names.addAll(listing.names());
    return absent;
  }

  /**
   * Where a run was cut while it put something aside, what will be is observed: see {@link
   * ZfsAside}. One more look.
   */
  private void settle(List<ObserveRequest> requests) throws InterruptedException {
    List<ZfsSuccessor> successors =
        requests.stream()
            .map(ObserveRequest::root)
            .distinct()
            .flatMap(root -> ZfsSuccessor.among(names, root).stream())
            .toList();
    if (!successors.isEmpty()) {
      List<String> trees = successors.stream().map(ZfsSuccessor::dataset).toList();
      ask(tools.look(trees, List.of(), trees, states(requests), List.of()));
    }
    for (ZfsSuccessor successor : successors) {
      if (successor.settle(rows)) {
        properties.put(successor.place(), properties.getOrDefault(successor.dataset(), Map.of()));
        unfinished.add(successor.root());
      }
    }
  }

  private static List<String> homes(List<ObserveRequest> requests) {
    return requests.stream().map(request -> ZfsSuccessor.home(request.root())).distinct().toList();
  }

  private static List<String> roots(List<ObserveRequest> requests, boolean recursive) {
    return requests.stream()
        .filter(request -> request.recursive() == recursive)
        .map(request -> request.root().value())
        .distinct()
        .toList();
  }

  private static List<String> withParents(List<ObserveRequest> requests) {
    Set<String> names = new LinkedHashSet<>();
    for (ObserveRequest request : requests) {
      names.add(request.root().value());
      parent(request.root().value()).ifPresent(names::add);
    }
    return List.copyOf(names);
  }

  private static List<String> states(List<ObserveRequest> requests) {
    return requests.stream()
        .flatMap(request -> request.pairs().stream())
        .distinct()
        .sorted()
        .map(ZfsProperties::state)
        .toList();
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
      String said = result.errorTail();
      boolean noPool = !said.isBlank() && said.lines().allMatch(ZfsErrors::isNoPool);
      if (!result.succeeded() && !noPool) { // one that was killed says nothing
        throw backend.failure(command, result);
      }
    }
  }

  // ------------------------------------------------------------------ values

  private Observation observation(ObserveRequest request) {
    FilesystemName root = request.root();
    if (!rows.containsKey(root.value())) {
      Optional<String> parent = parent(root.value());
      boolean prepared = parent.map(properties::containsKey).orElse(true);
      Optional<Long> available =
          parent
              .map(name -> properties.getOrDefault(name, Map.of()))
              .flatMap(ZfsObserver::available);
      return new Observation(root, List.of(), "", Map.of(), prepared, available);
    }
    ZfsRow dataset = dataset(rows.getOrDefault(root.value(), Set.of()));
    Map<String, String> states =
        states(properties.getOrDefault(root.value(), Map.of()), request.pairs());
    boolean prepared = !unfinished.contains(root);
    return new Observation(
        root, members(request), dataset.guid(), states, prepared, dataset.available());
  }

  private static Optional<Long> available(Map<String, Property> properties) {
    return Optional.ofNullable(properties.get("available"))
        .map(Property::value)
        .filter(value -> value.matches("\\d{1,18}"))
        .map(Long::parseLong);
  }

  /**
   * Only what was set on this very dataset: a value that came with a stream or from the parent
   * speaks of another one.
   */
  private static Map<String, String> states(Map<String, Property> properties, Set<String> pairs) {
    Map<String, String> states = new TreeMap<>();
    for (String pair : pairs) {
      Optional.ofNullable(properties.get(ZfsProperties.state(pair)))
          .filter(property -> property.source().equals("local"))
          .ifPresent(property -> states.put(pair, property.value()));
    }
    return states;
  }

  private List<ObservedFilesystem> members(ObserveRequest request) {
    FilesystemName root = request.root();
    Stream<String> names =
        request.recursive()
            ? rows.keySet().stream().filter(name -> FilesystemName.of(name).isWithin(root))
            : Stream.of(root.value());
    return names
        .map(
            name ->
                member(FilesystemName.of(name).pathFrom(root), rows.getOrDefault(name, Set.of())))
        .sorted(Comparator.comparing(member -> member.path().replace('/', '\0')))
        .toList();
  }

  private ZfsRow dataset(Set<ZfsRow> some) {
    return some.stream()
        .filter(ZfsRow::isDataset)
        .findFirst()
        .orElseThrow(
            () ->
                new UnexpectedOutputException(
                    "a listing on "
                        + backend.runner().host()
                        + " has versions without their dataset: "
                        + some,
                    null));
  }

  private ObservedFilesystem member(String path, Set<ZfsRow> some) {
    ZfsRow dataset = dataset(some);
    List<ZfsRow> versions =
        some.stream()
            .filter(row -> !row.isDataset())
            .sorted((a, b) -> Long.compareUnsigned(a.createtxg(), b.createtxg()))
            .toList();
    Optional<ResumeToken> token = dataset.resumeToken().flatMap(ResumeToken::decode);
    Optional<PartialReceive> partial =
        dataset
            .resumeToken()
            .map(
                text ->
                    new PartialReceive(
                        token.map(t -> VersionId.of(t.toGuid())), Optional.of(text)));
    boolean onlyPartial =
        token.isPresent() && token.get().fromGuid().isEmpty() && versions.isEmpty();
    return new ObservedFilesystem(
        path,
        versions.stream().map(ZfsRow::version).toList(),
        onlyPartial ? LiveState.absent() : live(dataset, versions),
        partial);
  }

  /**
   * Nothing written since a snapshot is identity with it; and with the one before, if that one has
   * nothing new either.
   */
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
