package io.replication4j.internal;

import io.replication4j.OnDivergence;
import io.replication4j.Snapshot;
import io.replication4j.SyncStep;
import io.replication4j.Version;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.ObservedFilesystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Copies at the final location, where they are something else than the snapshots that are received.
 */
final class Copies {

  private final PlanRequest request;
  private final Draft draft;

  Copies(PlanRequest request, Draft draft) {
    this.request = request;
    this.draft = draft;
  }

  /** A copy that was touched may have been changed: proven before it is replaced. */
  void check() {
    switch (request.policy().onDivergence()) {
      case ROLL_BACK -> {}
      case KEEP_ASIDE -> check(Optional.of(request.asideName()));
      default -> check(Optional.empty());
    }
  }

  private void check(Optional<String> asideName) {
    Map<String, List<String>> touched = new TreeMap<>();
    for (ObservedFilesystem member : draft.view().target().members()) {
      if (member.live().kind() == LiveState.Kind.UNPROVEN) {
        originOf(member)
            .ifPresent(
                name -> touched.computeIfAbsent(name, n -> new ArrayList<>()).add(member.path()));
      }
    }
    touched.forEach(
        (name, paths) -> draft.add(new SyncStep.CheckUnmodified(name, paths, asideName)));
  }

  private static Optional<String> originOf(ObservedFilesystem member) {
    return member.live().versions().stream()
        .flatMap(id -> PairView.snapshot(member, id).stream())
        .map(Snapshot::name)
        .findFirst();
  }

  /** The copies at the final location are those of the newest version received. */
  void install() {
    if (!request.features().separateCopies()) {
      return;
    }
    Optional<ObservedFilesystem> root = draft.view().target().member("");
    Optional<Version> common = draft.view().commonRoot();
    if (root.isEmpty() || common.isEmpty()) {
      return;
    }
    check();
    String name = PairView.snapshot(root.get(), common.get().id()).orElseThrow().name();
    List<ObservedFilesystem> set = PairView.having(draft.view().target(), name);
    if (!isInstalled(set, name)) {
      LiveState.Kind present = root.get().live().kind();
      boolean discards =
          request.policy().onDivergence() == OnDivergence.ROLL_BACK
              && present != LiveState.Kind.ABSENT;
      Optional<String> replaces =
          root.filter(r -> !discards && present == LiveState.Kind.IDENTICAL)
              .flatMap(Copies::originOf);
      draft.add(new SyncStep.InstallCopy(name, Draft.paths(set), replaces, discards));
    }
  }

  private boolean isInstalled(List<ObservedFilesystem> set, String name) {
    boolean all =
        draft.view().target().members().stream()
            .filter(m -> set.contains(m))
            .allMatch(m -> m.live().isIdenticalTo(PairView.snapshot(m, name).orElseThrow().id()));
    boolean noMore =
        draft.view().target().members().stream()
            .filter(m -> !set.contains(m))
            .allMatch(m -> m.live().kind() == LiveState.Kind.ABSENT);
    return all && noMore;
  }
}
