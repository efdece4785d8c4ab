package io.replication4j.internal;

import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncStep;
import io.replication4j.VersionId;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import java.util.ArrayList;
import java.util.List;

/**
 * A plan under way: the steps so far, and both sides as they will be after them. Not thread-safe.
 */
final class Draft {

  private final Effects effects;
  private final boolean recursive;
  private final List<SyncStep> steps = new ArrayList<>();
  private PairView view;

  Draft(PairView view, Effects effects, boolean recursive) {
    this.view = view;
    this.effects = effects;
    this.recursive = recursive;
  }

  PairView view() {
    return view;
  }

  List<SyncStep> steps() {
    return List.copyOf(steps);
  }

  void add(SyncStep step) {
    steps.add(step);
    view = effects.apply(step, view);
  }

  void addAll(List<? extends SyncStep> more) {
    more.forEach(this::add);
  }

  /** Destroys the snapshots of that name on one side, if there are any. */
  void destroy(Side side, String name) {
    List<ObservedFilesystem> holders = PairView.having(view.side(side), name);
    if (!holders.isEmpty()) {
      add(new SyncStep.DestroySnapshot(side, name, paths(holders), recursive, ids(holders, name)));
    }
  }

  /** Renames the snapshots of that name on one side, if there are any. */
  void rename(Side side, String from, String to) {
    List<ObservedFilesystem> holders = PairView.having(view.side(side), from);
    if (!holders.isEmpty()) {
      add(new SyncStep.RenameSnapshot(side, from, to, paths(holders), recursive));
    }
  }

  /**
   * {@code tosend} becomes {@code sent} on one side, in place of the old one, if there is a {@code
   * tosend}.
   */
  void rotate(Side side, String tosend, String sent) {
    Observation observed = view.side(side);
    List<ObservedFilesystem> holders = PairView.having(observed, tosend);
    if (holders.isEmpty()) {
      return;
    }
    List<ObservedFilesystem> replaced =
        PairView.having(observed, sent).stream()
            .filter(m -> !isBase(side, m, tosend, sent))
            .toList();
    boolean all = replaced.size() == PairView.having(observed, sent).size();
    if (!replaced.isEmpty()) {
      add(
          new SyncStep.DestroySnapshot(
              side, sent, paths(replaced), recursive && all, ids(replaced, sent)));
    }
    add(new SyncStep.RenameSnapshot(side, tosend, sent, paths(holders), recursive && all));
  }

  /**
   * Whether this member's {@code sent} is what the next increment starts from: it has no newer one,
   * the other side has it.
   */
  private boolean isBase(Side side, ObservedFilesystem member, String tosend, String sent) {
    return !effects.separateCopies()
        && PairView.snapshot(member, tosend).isEmpty()
        && PairView.snapshot(member, sent)
            .filter(s -> isHeld(side == Side.SOURCE ? Side.TARGET : Side.SOURCE, s.id()))
            .isPresent();
  }

  private boolean isHeld(Side side, VersionId id) {
    return view.side(side).members().stream().anyMatch(m -> PairView.snapshot(m, id).isPresent());
  }

  static List<String> paths(List<ObservedFilesystem> members) {
    return members.stream().map(ObservedFilesystem::path).toList();
  }

  private static List<VersionId> ids(List<ObservedFilesystem> holders, String name) {
    return holders.stream()
        .flatMap(holder -> PairView.snapshot(holder, name).stream())
        .map(Snapshot::id)
        .distinct()
        .toList();
  }
}
