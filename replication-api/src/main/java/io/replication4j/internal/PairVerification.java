package io.replication4j.internal;

import io.replication4j.DivergedException;
import io.replication4j.FilesystemName;
import io.replication4j.IncompleteTransferException;
import io.replication4j.NotFoundException;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.StalePlanException;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy.OnRemovedChild;
import io.replication4j.SyncStep;
import io.replication4j.TransferProgress;
import io.replication4j.Verification;
import io.replication4j.Verification.Difference;
import io.replication4j.Verification.Evidence;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.internal.PairLocks.PairLock;
import io.replication4j.spi.BlockDevice;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.ObservedFilesystem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** One comparison of a pair's target with what was sent to it last. */
public final class PairVerification {

  private final PairContext pair;
  private final Findings findings = new Findings();

  public PairVerification(PairContext pair) {
    this.pair = pair;
  }

  /** As {@link io.replication4j.ReplicationPair#verify}. */
  public Verification run(SyncListener listener) throws InterruptedException {
    try (PairLocks locks = PairLocks.take(List.of(pair))) {
      return run(listener, locks.of(pair));
    }
  }

  private Verification run(SyncListener listener, PairLock lock) throws InterruptedException {
    Instant startedAt = pair.clock().instant();
    PairView view = PairRun.look(pair);
    Version version = common(view);
    requireFinished(view, version);
    Optional<BlockComparison> blocks = blocks(version, listener);
    if (blocks.isPresent()) {
      blocks.get().run((offset, length) -> findings.addBlock("", offset, length));
    } else {
      compareByStorage(view, version);
    }
    lock.requireHeld();
    requireUnmoved(version, PairRun.look(pair));
    return new Verification(
        pair.pair(),
        pair.endpoint(Side.SOURCE),
        pair.endpoint(Side.TARGET),
        version.id(),
        version.createdAt(),
        blocks.isPresent() ? Evidence.READ : Evidence.STORAGE,
        blocks.map(BlockComparison::bytes).orElse(0L),
        findings.differences(),
        findings.differingBytes(),
        startedAt,
        pair.clock().instant());
  }

  private Version common(PairView view) {
    return view.commonRoot()
        .orElseThrow(
            () ->
                new NotFoundException(
                    pair.endpoint(Side.SOURCE)
                        + " and "
                        + pair.endpoint(Side.TARGET)
                        + " share no version: there is nothing to compare. Sync first",
                    null));
  }

  /** What was received but is not in its place yet would be compared with what it replaces. */
  private void requireFinished(PairView view, Version version) {
    boolean partial =
        view.target().members().stream()
            .anyMatch(member -> member.partial().filter(p -> !p.ofCheck()).isPresent());
    boolean mixed =
        view.matches().stream()
            .flatMap(match -> match.common().stream())
            .anyMatch(common -> !isOfRound(common, version));
    if (!view.target().prepared() || partial || mixed) {
      throw new IncompleteTransferException(
          pair.endpoint(Side.TARGET)
              + " has something to be finished that an interrupted sync left; nothing was compared."
              + " Sync, then verify",
          null);
    }
  }

  /**
   * Whether a member's version was taken with that of the pair's filesystem itself: by its name, or
   * at the same place of the source's order (ZFS: in one transaction), whatever it is called now.
   */
  private static boolean isOfRound(Version member, Version version) {
    return member.name().equals(version.name()) || member.order() == version.order();
  }

  private void requireUnmoved(Version version, PairView now) {
    boolean there = now.commonRoot().filter(v -> v.id().equals(version.id())).isPresent();
    if (!there) {
      throw new StalePlanException(
          "pair "
              + pair.pair()
              + " was synced, or lost version "
              + version.id()
              + ", while it was verified: what was compared is not what it was. Verify again");
    }
  }

  // ------------------------------------------------------------------ block by block

  private Optional<BlockComparison> blocks(Version version, SyncListener listener)
      throws InterruptedException {
    Optional<BlockDevice> sent = device(Side.SOURCE, Optional.of(version.id()));
    Optional<BlockDevice> live = sent.isEmpty() ? sent : device(Side.TARGET, Optional.empty());
    if (sent.isEmpty() || live.isEmpty()) {
      return Optional.empty();
    }
    findings.addSizes(sent.get().bytes(), live.get().bytes());
    long total = Math.min(sent.get().bytes(), live.get().bytes());
    long start = System.nanoTime();
    return Optional.of(
        new BlockComparison(
            pair.backend(Side.SOURCE),
            sent.get(),
            pair.backend(Side.TARGET),
            live.get(),
            pair.policy(),
            bytes ->
                listener.comparing(
                    new TransferProgress(
                        pair.pair(),
                        bytes,
                        Optional.of(total),
                        Duration.ofNanos(System.nanoTime() - start)))));
  }

  private Optional<BlockDevice> device(Side side, Optional<VersionId> version)
      throws InterruptedException {
    return pair.backend(side).blocks(pair.side(side).name(), version);
  }

  // ------------------------------------------------------------------ by what the storage knows

  private void compareByStorage(PairView view, Version version) throws InterruptedException {
    Map<String, List<String>> doubtful = new LinkedHashMap<>();
    List<PairView.Match> sent = sent(view, version);
    for (PairView.Match match : sent) {
      judge(match, doubtful);
    }
    judgeOthers(view, sent);
    for (Map.Entry<String, List<String>> check : doubtful.entrySet()) {
      check(new SyncStep.CheckUnmodified(check.getKey(), check.getValue(), Optional.empty()));
    }
  }

  /** What is live at the source, and what is not any more but was when the version was taken. */
  private static List<PairView.Match> sent(PairView view, Version version) {
    return view.source().members().stream()
        .map(view::match)
        .filter(
            match ->
                match.source().live().kind() != LiveState.Kind.ABSENT
                    || match.common().filter(common -> isOfRound(common, version)).isPresent())
        .toList();
  }

  /** Members that the target has alone; where the policy keeps such, a sync leaves them there. */
  private void judgeOthers(PairView view, List<PairView.Match> sent) {
    boolean kept =
        pair.backend(Side.TARGET).features().independentChildren()
            && pair.policy().onRemovedChild() == OnRemovedChild.KEEP;
    if (kept) {
      return;
    }
    Set<String> known =
        sent.stream()
            .flatMap(match -> match.target().stream())
            .map(ObservedFilesystem::path)
            .collect(Collectors.toSet());
    view.target().members().stream()
        .filter(member -> member.live().kind() != LiveState.Kind.ABSENT)
        .map(ObservedFilesystem::path)
        .filter(path -> !known.contains(path))
        .forEach(path -> findings.add(new Difference.Content(path, "is not at the source")));
  }

  /** What is proven is said; what has to be looked into waits in {@code doubtful}. */
  private void judge(PairView.Match match, Map<String, List<String>> doubtful) {
    String path = match.source().path();
    if (match.common().isEmpty()) {
      findings.add(new Difference.Content(path, "shares no version with the source"));
      return;
    }
    ObservedFilesystem member = match.target().orElseThrow();
    VersionId id = match.common().get().id();
    LiveState live = member.live();
    if (live.isIdenticalTo(id)) {
      return;
    }
    Optional<Snapshot> origin = PairView.snapshot(member, id);
    if (live.kind() == LiveState.Kind.UNPROVEN && live.versions().contains(id)) {
      doubtful
          .computeIfAbsent(origin.orElseThrow().name(), name -> new ArrayList<>())
          .add(member.path());
    } else {
      findings.add(new Difference.Content(path, words(live, id)));
    }
  }

  private static String words(LiveState live, VersionId id) {
    return switch (live.kind()) {
      case ABSENT -> "is not there, only its snapshots are";
      case FOREIGN -> "was not made from what was sent";
      case CHANGED -> "was written to after " + id;
      case IDENTICAL, UNPROVEN -> "was made from " + live.versions() + ", not from " + id;
    };
  }

  private void check(SyncStep.CheckUnmodified step) throws InterruptedException {
    FilesystemName target = pair.target().name();
    try {
      pair.backend(Side.TARGET).perform(target, step, pair.backend(Side.TARGET).runner());
    } catch (DivergedException e) {
      findings.add(new Difference.Content(e.conflict().member(), e.conflict().detail()));
    }
  }

  /** What was found, neighbours together, and no more of it than is told. */
  private static final class Findings {

    private final List<Difference> differences = new ArrayList<>();
    private Optional<Difference.Range> last = Optional.empty();
    private long differingBytes;

    void add(Difference difference) {
      if (differences.size() < Verification.MOST_DIFFERENCES) {
        differences.add(difference);
      }
    }

    void addSizes(long source, long target) {
      if (source != target) {
        add(new Difference.Size("", source, target));
      }
    }

    void addBlock(String member, long offset, long length) {
      differingBytes += length;
      boolean adjoins = last.filter(r -> r.offset() + r.length() == offset).isPresent();
      if (adjoins) {
        Difference.Range before = last.orElseThrow();
        last = Optional.of(new Difference.Range(member, before.offset(), before.length() + length));
      } else {
        last.ifPresent(this::add);
        last = Optional.of(new Difference.Range(member, offset, length));
      }
    }

    List<Difference> differences() {
      last.ifPresent(this::add);
      last = Optional.empty();
      return differences;
    }

    long differingBytes() {
      return differingBytes;
    }
  }
}
