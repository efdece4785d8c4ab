package io.replication4j.btrfs;

import io.replication4j.command.CommandRunner;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at several filesystems of one host, those on one btrfs at once. */
final class Observations {

  private final BtrfsHost host;
  private final CommandRunner runner;
  private final boolean spools;
  private final Comparison comparison = new Comparison();

  /**
   * @param spools whether what is received goes through a spool
   */
  Observations(BtrfsHost host, CommandRunner runner, boolean spools) {
    this.host = host;
    this.runner = runner;
    this.spools = spools;
  }

  /** In order of the requests. */
  List<Observation> observe(List<ObserveRequest> requests) throws InterruptedException {
    Map<ObserveRequest, Observation> found = new HashMap<>();
    for (List<ObserveRequest> group : byFilesystem(requests)) {
      observeGroup(group, found);
    }
    return requests.stream().map(found::get).toList();
  }

  private List<List<ObserveRequest>> byFilesystem(List<ObserveRequest> requests)
      throws InterruptedException {
    requests.forEach(request -> host.forgetDoubtful(request.root()));
    List<BtrfsLayout> layouts =
        host.layouts(requests.stream().map(ObserveRequest::root).toList(), runner);
    Map<String, List<ObserveRequest>> groups = new LinkedHashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      groups
          .computeIfAbsent(layouts.get(i).mount().device(), d -> new ArrayList<>())
          .add(requests.get(i));
    }
    return List.copyOf(groups.values());
  }

  private void observeGroup(List<ObserveRequest> group, Map<ObserveRequest, Observation> found)
      throws InterruptedException {
    List<BtrfsLayout> layouts =
        host.layouts(group.stream().map(ObserveRequest::root).toList(), runner);
    boolean flush = group.stream().anyMatch(ObserveRequest::flush);
    BtrfsHost.Look look = host.look(layouts, flush, runner);
    Map<String, Instant> times = host.times(look.views(), runner);
    for (int i = 0; i < group.size(); i++) {
      View view = look.views().get(i);
      if (view.at(view.layout().path()).isEmpty()) {
        host.doubt(view.layout().root());
        if (!group.get(i).isOfVersions()) { // which do not care what stands there
          host.requireAbsent(view.layout(), runner);
        }
      }
      found.put(group.get(i), observation(group.get(i), view, look.directory(), times));
    }
  }

  private Observation observation(
      ObserveRequest request, View view, SnapshotDirectory directory, Map<String, Instant> times)
      throws InterruptedException {
    BtrfsLayout layout = view.layout();
    Map<String, List<View.Entry>> identical = new HashMap<>();
    for (Map.Entry<String, Subvolume> member : view.live().entrySet()) {
      if (request.recursive() || member.getKey().isEmpty()) {
        identical.put(
            member.getKey(),
            comparison.identical(view, member.getValue(), !request.isOfVersions(), runner));
      }
    }
    List<ObservedFilesystem> members =
        new Observer(view, times, identical, directory, spools).members(request.recursive());
    Map<String, String> states = new HashMap<>(directory.states(layout));
    states.keySet().retainAll(request.pairs());
    boolean prepared =
        directory.directories().contains(layout.leafDirectory())
            && view.place().equals(layout.path());
    return new Observation(request.root(), members, "", states, prepared, Optional.empty());
  }
}
