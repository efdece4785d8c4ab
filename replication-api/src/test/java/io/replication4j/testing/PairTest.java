package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SnapshotNames;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncStep;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;

/**
 * A test of whole syncs, by pairs; each pair is built anew for each run, as a program that has just
 * started does.
 */
abstract class PairTest extends WorldTest {

  static final String PAIR = "data-dr";

  private final Map<Site, StorageBackend> lookers = new ConcurrentHashMap<>();
  FilesystemName from;
  FilesystemName to;

  @BeforeEach
  final void name() {
    lookers.clear(); // of a world that is closed: a matrix opens hundreds, and would keep them all
    from = source().name("data");
    to = target().name("copy");
  }

  final void createTree(String... paths) {
    Arrays.stream(paths)
        .map(this::member)
        .distinct()
        .forEach(path -> source().create(from.child(path)));
  }

  /** The path of a member, which is the top where filesystems have no children. */
  private String member(String path) {
    return world().hasChildren() ? path : "";
  }

  final void write(String path, String file, String text) {
    source().write(from.child(member(path)), file, text);
  }

  static SyncPolicy refusing() {
    return SyncPolicy.refusing();
  }

  static SyncPolicy policy(OnDivergence choice) {
    return SyncPolicy.builder(choice).build();
  }

  /** The two hosts, as one run of a program sees them. */
  final class Run {

    final FaultScript script;
    final StorageBackend here;
    final StorageBackend there;

    Run(Fault... faults) {
      this.script = FaultScript.of(faults);
      this.here = backend(source(), script);
      this.there = backend(target(), script);
    }

    ReplicationPair pair(String name, FilesystemName destination, SyncPolicy policy) {
      return ReplicationPair.builder(name)
          .source(Filesystem.of(here, from))
          .target(Filesystem.of(there, destination))
          .recursive(true)
          .policy(policy)
          .clock(clock)
          .build();
    }

    ReplicationPair pair(SyncPolicy policy) {
      return pair(PAIR, to, policy);
    }

    SyncReport sync() throws InterruptedException {
      return pair(refusing()).sync(SyncListener.NONE);
    }

    long listings() {
      return script.log().entries().stream().filter(e -> isListing(e)).count();
    }

    long listings(Site site) {
      return script.log().count(site.runner().host(), site::isListing);
    }

    /** How often a sync asked for its lock. */
    long locks() {
      return script.log().entries().stream().filter(e -> FakeLocks.isHolder(e.command())).count();
    }

    /** The number of the first command that asks for it. */
    int lock() {
      return script.log().entries().stream()
          .filter(entry -> FakeLocks.isHolder(entry.command()))
          .findFirst()
          .orElseThrow()
          .number();
    }

    /** What is neither a listing nor a stream nor a lock. */
    long commands() {
      return script.log().size() - listings() - script.log().streams() - locks();
    }

    private boolean isListing(CommandLog.Entry entry) {
      Site site = entry.host().equals(source().runner().host()) ? source() : target();
      return !entry.stream() && site.isListing(entry.command());
    }
  }

  final SyncReport sync() throws InterruptedException {
    return new Run().sync();
  }

  final SyncReport sync(SyncPolicy policy) throws InterruptedException {
    return new Run().pair(policy).sync(SyncListener.NONE);
  }

  static List<SyncStep> steps(SyncReport report) {
    return report.steps().stream()
        .filter(step -> !step.skipped())
        .map(SyncReport.StepReport::step)
        .toList();
  }

  static List<SyncStep.Send> sends(SyncReport report) {
    return steps(report).stream()
        .filter(SyncStep.Send.class::isInstance)
        .map(SyncStep.Send.class::cast)
        .toList();
  }

  /** Members of the sends that had no base and were not resumed. */
  static List<String> sentInFull(SyncReport report) {
    return sends(report).stream()
        .filter(send -> send.resumeToken().isEmpty())
        .flatMap(send -> send.members().stream())
        .filter(member -> member.base().isEmpty())
        .map(SyncStep.MemberSend::path)
        .toList();
  }

  /** By a backend for all looks: what it finds out about the host once need not be asked again. */
  final Observation look(Site site, FilesystemName root) throws InterruptedException {
    return lookers
        .computeIfAbsent(site, each -> each.backend(each.runner()))
        .observe(List.of(new ObserveRequest(root, true, true, Set.of(PAIR, "one", "two"))))
        .get(0);
  }

  /** The members that have live data, with what they hold. */
  final Map<String, Map<String, String>> liveContents(Site site, FilesystemName root)
      throws InterruptedException {
    TreeSet<String> paths = new TreeSet<>();
    for (ObservedFilesystem member : look(site, root).members()) {
      if (member.live().kind() != LiveState.Kind.ABSENT) {
        paths.add(member.path());
      }
    }
    return contents(site, root, paths);
  }

  /** The names of the snapshots of every member, by path. */
  final Map<String, List<String>> snapshotNames(Site site, FilesystemName root)
      throws InterruptedException {
    return snapshotNames(look(site, root));
  }

  static Map<String, List<String>> snapshotNames(Observation side) {
    Map<String, List<String>> names = new TreeMap<>();
    for (ObservedFilesystem member : side.members()) {
      names.put(member.path(), member.versions().stream().map(Version::name).sorted().toList());
    }
    return names;
  }

  final Optional<VersionId> id(Site site, FilesystemName root, String path, String name)
      throws InterruptedException {
    return id(look(site, root), path, name);
  }

  private static Optional<VersionId> id(Observation observation, String path, String name) {
    return observation.member(path).stream()
        .flatMap(m -> m.versions().stream())
        .filter(v -> v.name().equals(name))
        .map(Version::id)
        .findFirst();
  }

  /**
   * Both sides hold the same, in the state that every finished round leaves: {@code sent}
   * everywhere, and nothing else of ours.
   */
  final void assertInSync(String pair, FilesystemName destination) throws InterruptedException {
    assertInSync(pair, from, destination);
  }

  /** What {@link #assertInSync} has seen. */
  record Observations(Observation source, Observation target) {}

  final Observations assertInSync(String pair, FilesystemName origin, FilesystemName destination)
      throws InterruptedException {
    SnapshotNames names = SnapshotNames.ofPair(pair);
    Observation source = look(source(), origin);
    Observation target = look(target(), destination);
    List<String> live = new ArrayList<>();
    for (ObservedFilesystem member : source.members()) {
      if (member.live().kind() != LiveState.Kind.ABSENT) {
        live.add(member.path());
        Optional<VersionId> sent = id(source, member.path(), names.sent());
        assertTrue(sent.isPresent(), () -> "no " + names.sent() + " of " + member);
        assertEquals(sent, id(target, member.path(), names.sent()), member.path());
      }
    }
    assertEquals(contents(source(), origin, live), contents(target(), destination, live));
    assertNoLeftovers(names, source);
    assertNoLeftovers(names, target);
    assertEquals(Set.of(), source().leftovers());
    assertEquals(Set.of(), target().leftovers());
    return new Observations(source, target);
  }

  private static void assertNoLeftovers(SnapshotNames names, Observation side) {
    for (ObservedFilesystem member : side.members()) {
      assertTrue(
          member.versions().stream()
              .noneMatch(v -> v.name().equals(names.tosend()) || v.name().equals(names.stale())),
          member::toString);
      assertTrue(member.partial().isEmpty(), member::toString);
    }
  }
}
