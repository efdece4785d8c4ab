package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.FilesystemName;
import io.replication4j.Quiesce;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationGroup;
import io.replication4j.ReplicationJson;
import io.replication4j.ReplicationPair;
import io.replication4j.SnapshotNames;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncPolicy.OnRemovedChild;
import io.replication4j.SyncReport;
import io.replication4j.SyncStep;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every sync is stopped at every command and inside every stream, on either side, in every way; the
 * next run must end in the state of an undisturbed one, and send nothing in full that has a base.
 *
 * <p>A scenario is run undisturbed once, to learn where it can be stopped, and then once for each
 * place. On storage where that takes too long, {@link #isChosen} picks some.
 */
public abstract class CrashMatrix extends PairTest {

  private static final String AWAY = "three";
  private static final int MOST_REPAIRS = 2;

  /**
   * Whether the {@code index}-th of all places where a scenario can be stopped is tried. Default:
   * all are.
   */
  protected boolean isChosen(int index) {
    return true;
  }

  /** A first sync of a tree. */
  @TestFactory
  final Stream<DynamicTest> aFullSync() throws Exception {
    return matrix(
        new Scenario(
            List.of(PAIR),
            OnRemovedChild.KEEP,
            () -> {
              createTree("", "a", "a/b");
              write("", "file", "one");
              write("a/b", "file", "one");
            },
            Optional.empty()));
  }

  /** An increment of one filesystem. */
  @TestFactory
  final Stream<DynamicTest> anIncrement() throws Exception {
    return matrix(
        new Scenario(
            List.of(PAIR),
            OnRemovedChild.KEEP,
            () -> {
              createTree("");
              write("", "file", "one");
            },
            Optional.of(() -> write("", "file", "two"))));
  }

  /**
   * An increment of a tree with changed, new, removed and renamed children, the removed one
   * destroyed.
   */
  @TestFactory
  final Stream<DynamicTest> aTreeThatFollowsRemovals() throws Exception {
    assumeChildren();
    return matrix(
        new Scenario(
            List.of(PAIR), OnRemovedChild.DESTROY, this::tree, Optional.of(this::changedTree)));
  }

  /** The same, the removed one kept. */
  @TestFactory
  final Stream<DynamicTest> aTreeThatKeepsRemovedChildren() throws Exception {
    assumeChildren();
    return matrix(
        new Scenario(
            List.of(PAIR), OnRemovedChild.KEEP, this::tree, Optional.of(this::changedTree)));
  }

  /** Two targets synced together, while a third one is away. */
  @TestFactory
  final Stream<DynamicTest> severalTargets() throws Exception {
    return matrix(
        new Scenario(
            List.of("one", "two"),
            OnRemovedChild.KEEP,
            () -> {
              createTree("", "a");
              write("a", "file", "one");
              sync(AWAY);
            },
            Optional.of(() -> write("a", "file", "two"))));
  }

  /** An increment without a common base, of what differs. */
  @TestFactory
  final Stream<DynamicTest> aBrokenChainThatIsCompared() throws Exception {
    assumeTrue(comparesBlocks(), "blocks are not compared here");
    return matrix(
        new Scenario(
            List.of(PAIR),
            OnRemovedChild.KEEP,
            () -> {
              createTree("");
              write("", "file", "one");
            },
            Optional.of(() -> loseBase(from))));
  }

  /** Whether both sides can be compared block by block. Default: they cannot. */
  protected boolean comparesBlocks() {
    return false;
  }

  /** Writes to a source so much that its snapshots are lost. */
  protected void loseBase(FilesystemName filesystem) {
    throw new UnsupportedOperationException();
  }

  private void tree() {
    createTree("", "a", "a/b", "gone", "old", "old/below");
    write("a/b", "file", "one");
    write("old/below", "file", "one");
  }

  private void changedTree() {
    write("a/b", "file", "two");
    createTree("new", "new/below");
    write("new/below", "file", "one");
    source().destroy(from.child("gone"));
    source().rename(from.child("old"), from.child("renamed"));
    write("renamed/below", "file", "two");
  }

  private interface Action {
    void run() throws InterruptedException;
  }

  /**
   * What is synced, and from where.
   *
   * @param before what is there before the first round
   * @param changes what happens between the first round and the second, which then is the disturbed
   *     one
   */
  private record Scenario(
      List<String> pairs, OnRemovedChild removed, Action before, Optional<Action> changes) {}

  /**
   * What must be the same whatever went wrong: by pair, what both sides hold, and what their
   * snapshots are called.
   */
  private record EndState(Map<String, Object> facts) {}

  private Stream<DynamicTest> matrix(Scenario scenario) throws Exception {
    begin(scenario);
    Run undisturbed = new Run();
    round(undisturbed, scenario, new Watch());
    EndState wanted = endState(scenario);
    List<Fault> faults = faults(undisturbed.script);
    List<Fault> chosen = new ArrayList<>();
    for (int i = 0; i < faults.size(); i++) {
      if (isChosen(i)) {
        chosen.add(faults.get(i));
      }
    }
    return chosen.stream()
        .map(
            fault ->
                DynamicTest.dynamicTest(fault.toString(), () -> survive(scenario, fault, wanted)));
  }

  private static List<Fault> faults(FaultScript undisturbed) {
    List<Fault> faults = new ArrayList<>();
    for (int n = 1; n <= undisturbed.log().size(); n++) {
      for (Fault.Kind kind : Fault.Kind.values()) {
        faults.add(new Fault.Before(n, kind));
        faults.add(new Fault.After(n, kind));
      }
      faults.add(new Fault.Exit(n, 1, "simulated failure"));
    }
    List<Long> lengths = undisturbed.streamLengths();
    for (int stream = 1; stream <= lengths.size(); stream++) {
      for (long offset : offsets(lengths.get(stream - 1))) {
        faults.add(new Fault.CutSender(stream, offset, Fault.Kind.CRASH));
        faults.add(new Fault.CutSender(stream, offset, Fault.Kind.CONNECTION_LOST));
      }
    }
    List<Long> received = undisturbed.receivedLengths(); // what is only compared has no receiver
    for (int stream = 1; stream <= received.size(); stream++) {
      for (long offset : offsets(received.get(stream - 1))) {
        faults.add(new Fault.CutReceiver(stream, offset));
      }
    }
    return faults;
  }

  private static Set<Long> offsets(long length) {
    Set<Long> offsets = new LinkedHashSet<>(List.of(0L, 1L));
    for (int eighth = 1; eighth < 8; eighth++) {
      offsets.add(length * eighth / 8);
    }
    offsets.addAll(List.of(length - 1, length));
    return offsets;
  }

  private void survive(Scenario scenario, Fault fault, EndState wanted) throws Exception {
    begin(scenario);
    List<String> bystanders = scenario.pairs().size() > 1 ? List.of(AWAY) : List.of();
    EndState away = endState(bystanders);
    Watch watch = new Watch();
    Run disturbed = new Run(fault);
    boolean succeeded = attempt(disturbed, scenario, watch);
    assertTrue(
        disturbed.script.wasHit() || (succeeded && isBehind(fault, disturbed.script)),
        () -> fault + " did not come to pass:\n" + disturbed.script.log());
    StringBuilder logs = new StringBuilder().append(disturbed.script.log());
    for (int i = 0; i < MOST_REPAIRS && !succeeded; i++) {
      Run repair = new Run();
      succeeded = attempt(repair, scenario, watch);
      logs.append("\nthen\n").append(repair.script.log());
    }
    if (!succeeded) {
      throw new AssertionError(
          fault
              + ": no success after "
              + MOST_REPAIRS
              + " more runs, but "
              + watch.last
              + "; first:\n"
              + logs);
    }
    assertEquals(wanted, endState(scenario), () -> "after\n" + disturbed.script.log());
    assertEquals(
        List.of(),
        watch.needless,
        () -> "sent in full although there was a base; first:\n" + disturbed.script.log());
    assertEquals(away, endState(bystanders));
  }

  /**
   * Whether the cut is where nobody reads: records travel in some streams, and speeds in these, so
   * that lengths vary a bit; and who has found a difference reads no further.
   */
  private static boolean isBehind(Fault fault, FaultScript script) {
    if (fault instanceof Fault.CutSender cut) {
      return cut.bytes() >= script.streamLengths().get(cut.number() - 1);
    }
    return fault instanceof Fault.CutReceiver cut
        && cut.bytes() > script.receivedLengths().get(cut.number() - 1);
  }

  private void begin(Scenario scenario) throws Exception {
    reopen();
    name(); // a new world may be elsewhere
    scenario.before().run();
    if (scenario.changes().isPresent()) {
      for (String pair : scenario.pairs()) {
        sync(pair);
      }
      scenario.changes().get().run();
    }
    clock.advance(Duration.ofMinutes(1));
  }

  private void sync(String pair) throws InterruptedException {
    SyncReport report = new Run().pair(pair, place(pair), refusing()).sync(SyncListener.NONE);
    assertTrue(report.succeeded(), report::toString);
  }

  private FilesystemName place(String pair) {
    return pair.equals(PAIR) ? to : target().name("copy-" + pair);
  }

  /** Whether every pair reports success. */
  private boolean attempt(Run run, Scenario scenario, Watch watch) throws InterruptedException {
    try {
      return round(run, scenario, watch);
    } catch (SimulatedCrash | ReplicationException e) {
      watch.last = String.valueOf(e);
      return false;
    }
  }

  private boolean round(Run run, Scenario scenario, Watch watch) throws InterruptedException {
    SyncPolicy policy =
        refusing().toBuilder()
            .onRemovedChild(scenario.removed())
            .onBrokenChain(OnBrokenChain.COMPARE)
            .build();
    List<ReplicationPair> pairs =
        scenario.pairs().stream().map(pair -> run.pair(pair, place(pair), policy)).toList();
    for (String pair : scenario.pairs()) {
      watch.begin(pair);
    }
    List<SyncReport> reports =
        pairs.size() == 1
            ? List.of(pairs.get(0).sync(watch))
            : ReplicationGroup.of(pairs).sync(Quiesce.NONE, 1, watch);
    reports.stream()
        .filter(report -> !report.succeeded())
        .forEach(report -> watch.last = report.toString());
    return reports.stream().allMatch(SyncReport::succeeded);
  }

  private EndState endState(Scenario scenario) throws InterruptedException {
    for (String pair : scenario.pairs()) {
      assertInSync(pair, place(pair));
      assertRecorded(pair);
    }
    return endState(scenario.pairs());
  }

  private EndState endState(List<String> pairs) throws InterruptedException {
    Map<String, Object> facts = new TreeMap<>();
    for (String pair : pairs) {
      facts.put(pair + " source", ofPair(pair, snapshotNames(source(), from)));
      facts.put(pair + " target", numberless(snapshotNames(target(), place(pair))));
      facts.put(pair + " files", liveContents(target(), place(pair)));
      if (pair.equals(AWAY)) {
        facts.put(pair + " base", id(source(), from, "", SnapshotNames.ofPair(pair).sent()));
      }
    }
    return new EndState(facts);
  }

  private static Map<String, List<String>> ofPair(String pair, Map<String, List<String>> names) {
    Map<String, List<String>> own = new TreeMap<>();
    names.forEach(
        (path, all) -> own.put(path, all.stream().filter(name -> name.contains(pair)).toList()));
    own.values().removeIf(List::isEmpty);
    return own;
  }

  /**
   * What a removed child's last snapshot is kept as ends in a number that is another one in every
   * run.
   */
  private static Map<String, List<String>> numberless(Map<String, List<String>> names) {
    Map<String, List<String>> numberless = new TreeMap<>();
    names.forEach(
        (path, all) ->
            numberless.put(
                path, all.stream().map(name -> name.replaceAll("-kept-\\d+$", "-kept")).toList()));
    return numberless;
  }

  /** The records of both sides name the version that both sides hold. */
  private void assertRecorded(String pair) throws InterruptedException {
    Optional<VersionId> sent = id(source(), from, "", SnapshotNames.ofPair(pair).sent());
    assertEquals(sent, ReplicationJson.readState(look(source(), from).states().get(pair)).base());
    assertEquals(
        sent, ReplicationJson.readState(look(target(), place(pair)).states().get(pair)).base());
  }

  /**
   * Hears what is sent in full although, when that run began, both sides had a version in common.
   */
  private final class Watch implements SyncListener {

    private final Map<String, Set<String>> based = new TreeMap<>();
    private final List<String> needless = new ArrayList<>();
    private String last = "";

    void begin(String pair) throws InterruptedException {
      Set<VersionId> held =
          look(target(), place(pair)).members().stream()
              .flatMap(member -> member.versions().stream())
              .map(Version::id)
              .collect(Collectors.toSet());
      Observation source = look(source(), from);
      based.put(
          pair,
          source.members().stream()
              .filter(member -> member.versions().stream().anyMatch(v -> held.contains(v.id())))
              .map(ObservedFilesystem::path)
              .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Override
    public void beforeStep(String pair, SyncStep step) {
      if (step instanceof SyncStep.Send send && send.resumeToken().isEmpty()) {
        send.members().stream()
            .filter(member -> member.base().isEmpty() && based.get(pair).contains(member.path()))
            .forEach(member -> needless.add(pair + ": " + member));
      }
    }
  }
}
