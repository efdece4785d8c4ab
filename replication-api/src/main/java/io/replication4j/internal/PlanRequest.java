package io.replication4j.internal;

import io.replication4j.Endpoint;
import io.replication4j.PairState;
import io.replication4j.SnapshotNames;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.spi.BackendFeatures;
import io.replication4j.spi.Observation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that the planner decides from.
 *
 * @param asideName what a kept-aside target will be called; made by the caller, who has a clock
 * @param sourceState the record of the pair found on the source
 * @param targetState the record of the pair found on the target
 * @param replicaProperties what the target has to be set to, if it was none until now
 * @param immovable what to do with the target where it cannot be moved aside
 */
public record PlanRequest(
    String pair,
    Endpoint source,
    Endpoint target,
    SnapshotNames names,
    SyncPolicy policy,
    boolean recursive,
    BackendFeatures features,
    Map<String, String> lineage,
    String asideName,
    Optional<PairState> sourceState,
    Optional<PairState> targetState,
    Map<String, String> replicaProperties,
    Optional<String> immovable,
    StreamArranger streams) {

  /** What every {@code asideName} begins with. */
  static final String ASIDE = "aside-";

  /** {@link io.replication4j.spi.StorageBackend#streams}. */
  public interface StreamArranger {
    List<Send> arrange(
        Observation source, Observation target, List<MemberSend> members, boolean intermediates)
        throws InterruptedException;
  }
}
