package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.Snapshot;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.lvm.Tags.Stored;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Turns a {@link View} into an observation. Pure. */
final class Observer {

  private final View view;
  private final Optional<Landing> landing;
  private final VolumeKind kind;

  Observer(View view, VolumeKind kind) {
    this.view = view;
    this.kind = kind;
    this.landing = view.landing();
  }

  /** What is there; of a version that is landing, what will be there when it has. */
  Observation observation(ObserveRequest request) {
    boolean prepared =
        landing.isEmpty()
            && view.lost().isEmpty()
            && view.strays().isEmpty()
            && view.misnamed().isEmpty()
            && view.growing().isEmpty();
    List<ObservedFilesystem> members = members();
    if (members.isEmpty()) {
      return Observation.absent(request.root(), prepared);
    }
    return new Observation(
        request.root(),
        members,
        filesystemId(),
        states(request.pairs()),
        prepared,
        view.freeBytes());
  }

  /** What was received whole keeps its own when it takes the volume's place. */
  private String filesystemId() {
    return view.live()
        .or(() -> landing.flatMap(Landing::incoming).flatMap(view::incoming))
        .filter(v -> v.pool().isEmpty())
        .map(LogicalVolume::uuid)
        .orElse("");
  }

  private List<ObservedFilesystem> members() {
    if (view.live().isEmpty() && view.incoming().isEmpty()) {
      return List.of();
    }
    Optional<PartialReceive> partial =
        view.remains().isEmpty() ? Optional.empty() : Optional.of(partial());
    return List.of(new ObservedFilesystem("", versions(), live(), partial));
  }

  private PartialReceive partial() {
    return view.kept()
        .filter(kind::keeps)
        .map(
            v ->
                PartialReceive.kept(
                    v.id().orElseThrow(), EarlierList.of(v).map(EarlierList::token)))
        .orElseGet(PartialReceive::useless);
  }

  private List<Version> versions() {
    List<Version> versions = new ArrayList<>();
    for (LogicalVolume snapshot : view.versions()) {
      versions.add(version(snapshot.id().orElseThrow(), view.label(snapshot)));
    }
    landing
        .filter(l -> view.version(l.next().id()).isEmpty())
        .ifPresent(l -> versions.add(version(l.next().id(), l.next().label())));
    versions.sort(Comparator.comparingLong(Version::order));
    return versions;
  }

  private Version version(VersionId id, String label) {
    long takenAt = Tags.takenAt(id);
    return new Snapshot(
        FilesystemName.of(view.volume().path()),
        label,
        id,
        takenAt,
        Optional.of(takenAt).filter(t -> t > 0).map(Tags::instant));
  }

  private LiveState live() {
    if (landing.filter(l -> !l.isMarked()).isPresent()) {
      return LiveState.identicalTo(landing.orElseThrow().next().id());
    }
    if (view.live().isEmpty()) {
      return LiveState.absent();
    }
    Set<VersionId> same =
        view.versions().stream()
            .filter(view::holds)
            .map(v -> v.id().orElseThrow())
            .collect(Collectors.toSet());
    if (!same.isEmpty()) {
      return new LiveState(LiveState.Kind.IDENTICAL, same);
    }
    return LiveState.changed();
  }

  private Map<String, String> states(Set<String> pairs) {
    Map<String, Stored> newest = new HashMap<>();
    for (Stored stored : stored(view)) {
      newest.merge(stored.pair(), stored, (a, b) -> a.number() >= b.number() ? a : b);
    }
    Map<String, String> states = new HashMap<>();
    newest.forEach((pair, stored) -> states.put(pair, stored.text()));
    states.keySet().retainAll(pairs);
    return states;
  }

  static List<Stored> stored(View view) {
    return view.tags().stream().flatMap(tag -> Stored.of(tag).stream()).toList();
  }
}
