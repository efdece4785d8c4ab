package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a sync would do, decided from one look at both sides. Immutable data; JSON in and out by
 * {@link ReplicationJson}. {@link #toString} prints the commands, each with its host, in order; of
 * a script its first line, which says what it does: {@link PlannedCommand#text} is exact, and so is
 * the JSON.
 */
public sealed interface SyncPlan {

  /** The pair's name. */
  String pair();

  /** What will be done, in order; empty where there is nothing to do or nothing may be done. */
  List<PlannedStep> steps();

  /** Where records and storage differ, in words. Storage won. */
  List<String> warnings();

  /** The newest version both sides hold equals the source: nothing to do. */
  record UpToDate(String pair, VersionId base, List<String> warnings) implements SyncPlan {
    public UpToDate {
      requireNonNull(base, "base");
      warnings = List.copyOf(warnings);
    }

    @Override
    public List<PlannedStep> steps() {
      return List.of();
    }

    @Override
    public String toString() {
      return pair + ": up to date at " + base;
    }
  }

  /**
   * Steps to run.
   *
   * @param base the newest version both sides hold before the plan runs; empty: there is none,
   *     everything is sent
   */
  record Transfer(
      String pair,
      Endpoint source,
      Endpoint target,
      Optional<VersionId> base,
      List<PlannedStep> steps,
      List<String> warnings)
      implements SyncPlan {
    public Transfer {
      requireNonNull(source, "source");
      requireNonNull(target, "target");
      steps = List.copyOf(steps);
      warnings = List.copyOf(warnings);
    }

    /**
     * The same plan with other steps; those without commands get them by {@link
     * ReplicationPair#describe}.
     */
    public Transfer withSteps(List<PlannedStep> newSteps) {
      return new Transfer(pair, source, target, base, newSteps, warnings);
    }

    /**
     * The plan with {@code step} in front of the step at {@code index} (or last, if that is the
     * size).
     */
    public Transfer insert(int index, SyncStep step) {
      List<PlannedStep> changed = new ArrayList<>(steps);
      changed.add(index, new PlannedStep(step, List.of()));
      return withSteps(changed);
    }

    /** The plan without the step at {@code index}. */
    public Transfer drop(int index) {
      List<PlannedStep> changed = new ArrayList<>(steps);
      changed.remove(index);
      return withSteps(changed);
    }

    /** The plan with {@code step} instead of the one at {@code index}. */
    public Transfer replace(int index, SyncStep step) {
      return drop(index).insert(index, step);
    }

    @Override
    public String toString() {
      return pair
          + ": "
          + source
          + " -> "
          + target
          + base.map(b -> ", incremental from " + b).orElse(", full")
          + "\n"
          + steps.stream().map(PlannedStep::toString).collect(Collectors.joining("\n"));
    }
  }

  /** Something stands in the way that only the caller can decide. */
  record Blocked(String pair, Conflict conflict, List<String> warnings) implements SyncPlan {
    public Blocked {
      requireNonNull(conflict, "conflict");
      warnings = List.copyOf(warnings);
    }

    @Override
    public List<PlannedStep> steps() {
      return List.of();
    }

    @Override
    public String toString() {
      return pair + ": blocked: " + conflict.message();
    }
  }
}
