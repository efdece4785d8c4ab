package io.replication4j.btrfs;

import static java.util.stream.Collectors.toCollection;

import io.replication4j.Snapshot;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Turns a {@link View} into the members of an observation. Pure. */
final class Observer {

  private final View view;
  private final Map<String, Instant> times;
  private final Map<String, List<View.Entry>> identical;
  private final SnapshotDirectory directory;
  private final boolean spools;

  /**
   * @param times when snapshots were taken, by uuid
   * @param identical the snapshots that hold what a live member holds, by its path
   * @param spools whether what is received goes through a spool
   */
  Observer(
      View view,
      Map<String, Instant> times,
      Map<String, List<View.Entry>> identical,
      SnapshotDirectory directory,
      boolean spools) {
    this.view = view;
    this.times = times;
    this.identical = identical;
    this.directory = directory;
    this.spools = spools;
  }

  List<ObservedFilesystem> members(boolean recursive) {
    Set<String> paths = new TreeSet<>(view.live().keySet());
    view.entries().stream().filter(e -> !e.isInternal()).map(this::memberOf).forEach(paths::add);
    view.partial().forEach(e -> paths.add(e.path()));
    if (directory.hasSpool(view.layout())) {
      paths.add("");
    }
    return paths.stream()
        .filter(path -> recursive || path.isEmpty())
        .map(this::member)
        .filter(
            m ->
                m.live().kind() != LiveState.Kind.ABSENT
                    || !m.versions().isEmpty()
                    || m.partial().isPresent())
        .toList();
  }

  /**
   * A snapshot belongs to the live member that it was taken of, whatever that is called now; else
   * to its own path.
   */
  private String memberOf(View.Entry entry) {
    return view.memberOf(entry);
  }

  private ObservedFilesystem member(String path) {
    return new ObservedFilesystem(path, versions(path), live(path), partial(path));
  }

  private List<Version> versions(String path) {
    return view.entries().stream()
        .filter(e -> !e.isInternal() && memberOf(e).equals(path) && isVersionOf(e, path))
        .sorted(
            Comparator.comparingLong((View.Entry e) -> e.subvolume().createdIn())
                .thenComparing(e -> e.subvolume().id()))
        .map(this::version)
        .toList();
  }

  /**
   * A snapshot of a subvolume that is gone says nothing about another one that stands in its place,
   * unless that was made from it.
   */
  private boolean isVersionOf(View.Entry entry, String path) {
    Subvolume live = view.live().get(path);
    return !view.isPartial(entry.subvolume())
        && (entry.subvolume().receivedUuid().isPresent()
            || view.takenOf(entry).isPresent()
            || live == null
            || view.originOf(live).filter(entry::equals).isPresent());
  }

  /** Its filesystem is where it lies: another path than the member's after a rename. */
  private Version version(View.Entry entry) {
    Subvolume subvolume = entry.subvolume();
    return new Snapshot(
        view.layout().root().child(entry.path()),
        entry.name(),
        VersionId.of(subvolume.identity()),
        subvolume.createdIn(),
        Optional.ofNullable(times.get(subvolume.uuid())));
  }

  /** Received in part, or received and installed in part; or compared in part. */
  private Optional<PartialReceive> partial(String path) {
    if (path.isEmpty() && directory.hasSpool(view.layout())) {
      return Optional.of(spooled());
    }
    boolean cut =
        view.partial().stream().anyMatch(e -> e.path().equals(path))
            || (path.isEmpty() && !(view.isSettled() && view.orphans().isEmpty()));
    if (cut) {
      return Optional.of(PartialReceive.useless());
    }
    boolean checked = path.isEmpty() && !view.internal(View.CHECK).isEmpty();
    return checked ? Optional.of(PartialReceive.leftByCheck()) : Optional.empty();
  }

  /** Of whatever member: its version tells. */
  private PartialReceive spooled() {
    return directory
        .spooled(view.layout())
        .filter(version -> spools && view.isSettled() && !isReceived(version))
        .map(PartialReceive::kept)
        .orElseGet(PartialReceive::useless);
  }

  private boolean isReceived(VersionId version) {
    return view.entries().stream()
        .filter(e -> !e.isInternal() && !view.isPartial(e.subvolume()))
        .anyMatch(e -> e.subvolume().identity().equals(version.value()));
  }

  private LiveState live(String path) {
    Subvolume live = view.live().get(path);
    if (live == null) {
      return LiveState.absent();
    }
    return relation(path, live).withPending(pending(path, live));
  }

  private LiveState relation(String path, Subvolume live) {
    Set<VersionId> same = identicalVersions(path, live);
    if (!same.isEmpty()) {
      return new LiveState(LiveState.Kind.IDENTICAL, same);
    }
    return madeFrom(live).map(LiveState::unproven).orElseGet(LiveState::foreign);
  }

  /** Received after the version that the live copy was made from. */
  private Set<VersionId> pending(String path, Subvolume live) {
    return view.originOf(live).stream()
        .flatMap(
            origin ->
                view.entries().stream()
                    .filter(
                        e -> !e.isInternal() && memberOf(e).equals(path) && isVersionOf(e, path))
                    .map(View.Entry::subvolume)
                    .filter(row -> row.receivedUuid().isPresent())
                    .filter(row -> row.createdIn() > origin.subvolume().createdIn()))
        .map(row -> VersionId.of(row.identity()))
        .collect(toCollection(LinkedHashSet::new));
  }

  private Set<VersionId> identicalVersions(String path, Subvolume live) {
    return identical.getOrDefault(path, List.of()).stream()
        .map(witness -> versionOf(witness, live))
        .flatMap(Optional::stream)
        .collect(toCollection(LinkedHashSet::new));
  }

  private Optional<VersionId> versionOf(View.Entry witness, Subvolume live) {
    Optional<View.Entry> version =
        witness.isInternal() ? view.originOf(live) : Optional.of(witness);
    return version.map(entry -> VersionId.of(entry.subvolume().identity()));
  }

  private Optional<VersionId> madeFrom(Subvolume live) {
    return view.witnesses(live).stream()
        .map(witness -> versionOf(witness, live))
        .flatMap(Optional::stream)
        .findFirst()
        .or(() -> view.originOf(live).map(entry -> VersionId.of(entry.subvolume().identity())));
  }
}
