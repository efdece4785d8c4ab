package io.replication4j.internal;

import io.replication4j.Endpoint;
import io.replication4j.Filesystem;
import io.replication4j.Side;
import io.replication4j.SnapshotNames;
import io.replication4j.SyncPolicy;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.time.Clock;
import java.util.Set;

/** What a pair is, as the planner and the executor need it. */
public record PairContext(
    String pair,
    Filesystem source,
    Filesystem target,
    boolean recursive,
    SnapshotNames names,
    SyncPolicy policy,
    Clock clock) {

  public Filesystem side(Side side) {
    return side == Side.SOURCE ? source : target;
  }

  public StorageBackend backend(Side side) {
    return side(side).backend();
  }

  public Endpoint endpoint(Side side) {
    return side(side).endpoint();
  }

  /**
   * Both are flushed first: "nothing changed" is going to be concluded from what they answer. Not
   * so a target that is compared by blocks: nobody may have it open, so nobody holds anything back.
   */
  public ObserveRequest request(Side side) {
    boolean flush = side == Side.SOURCE || !backend(side).features().comparesBlocks();
    return new ObserveRequest(side(side).name(), recursive, flush, Set.of(pair));
  }

  Effects effects() {
    return new Effects(backend(Side.TARGET).features());
  }
}
