package io.replication4j.examples.replicate;

import io.replication4j.Endpoint;
import io.replication4j.FilesystemName;
import io.replication4j.Quiesce;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationGroup;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.Verification;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One source and its targets, as one group. A target whose host does not answer has a report that
 * says so, and holds no other back.
 */
final class Job {

  private final Optional<String> name;
  private final Address source;
  private final List<Address> targets;
  private final boolean recursive;
  private final SyncPolicy policy;

  Job(
      Optional<String> name,
      Address source,
      List<Address> targets,
      boolean recursive,
      SyncPolicy policy) {
    this.name = name;
    this.source = source;
    this.targets = List.copyOf(targets);
    this.recursive = recursive;
    this.policy = policy;
  }

  /** The plans of all targets, in order. Throws if any host cannot be asked. */
  List<SyncPlan> plan(Hosts hosts) throws InterruptedException {
    List<ReplicationPair> pairs = new ArrayList<>();
    for (Address target : targets) {
      pairs.add(pair(hosts, target));
    }
    return ReplicationGroup.of(pairs).plan();
  }

  /** Compares all targets, in order. Throws if any cannot be compared. */
  List<Verification> verify(Hosts hosts, SyncListener listener) throws InterruptedException {
    List<Verification> verifications = new ArrayList<>();
    for (Address target : targets) {
      verifications.add(pair(hosts, target).verify(listener));
    }
    return verifications;
  }

  /** Syncs all targets; a report for each, in order. */
  List<SyncReport> sync(Hosts hosts, SyncListener listener) throws InterruptedException {
    Map<Integer, SyncReport> reports = new TreeMap<>();
    Map<Integer, ReplicationPair> pairs = new TreeMap<>();
    for (int i = 0; i < targets.size(); i++) {
      try {
        pairs.put(i, pair(hosts, targets.get(i)));
      } catch (ReplicationException e) {
        reports.put(i, notReached(targets.get(i), e));
      }
    }
    if (!pairs.isEmpty()) {
      sync(pairs, listener, reports);
    }
    return List.copyOf(reports.values());
  }

  private static void sync(
      Map<Integer, ReplicationPair> pairs, SyncListener listener, Map<Integer, SyncReport> reports)
      throws InterruptedException {
    List<SyncReport> done =
        ReplicationGroup.of(List.copyOf(pairs.values())).sync(Quiesce.NONE, pairs.size(), listener);
    int next = 0;
    for (Integer index : pairs.keySet()) {
      reports.put(index, done.get(next++));
    }
  }

  /** Throws {@link UsageException} for names that no filesystem or pair can have. */
  private ReplicationPair pair(Hosts hosts, Address target) throws InterruptedException {
    try {
      return ReplicationPair.builder(pairName(target))
          .source(hosts.filesystem(source))
          .target(hosts.filesystem(target))
          .recursive(recursive)
          .policy(policy)
          .build();
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }

  private String pairName(Address target) {
    return PairNames.of(name, targets.size() == 1, source, target);
  }

  private SyncReport notReached(Address target, ReplicationException e) {
    Instant now = Instant.now();
    return new SyncReport(
        pairName(target),
        endpoint(source),
        endpoint(target),
        Outcome.FAILED,
        Optional.empty(),
        Optional.empty(),
        now,
        now,
        0,
        0,
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.of(String.valueOf(e.getMessage())));
  }

  private static Endpoint endpoint(Address address) {
    String host = address.server().map(Address.Server::host).orElse("localhost");
    try {
      return new Endpoint(address.scheme(), host, FilesystemName.of(address.path()));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }
}
