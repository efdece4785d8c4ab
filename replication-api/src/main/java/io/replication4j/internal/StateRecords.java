package io.replication4j.internal;

import io.replication4j.PairState;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationJson;
import io.replication4j.spi.Observation;
import java.util.List;
import java.util.Optional;

/**
 * Reads the records that were found with the data. One that cannot be read is reported, and does
 * not count.
 */
public final class StateRecords {

  private StateRecords() {}

  /**
   * The pair's record, if there is one that was written for this filesystem. Notes go to {@code
   * notes}.
   */
  public static Optional<PairState> find(String pair, Observation observation, List<String> notes) {
    String text = observation.states().get(pair);
    if (text == null) {
      return Optional.empty();
    }
    try {
      PairState state = ReplicationJson.readState(text);
      return Optional.of(state).filter(s -> s.filesystemId().equals(observation.filesystemId()));
    } catch (ReplicationException e) {
      notes.add(
          "the record of pair "
              + pair
              + " at "
              + observation.root()
              + " cannot be read and is ignored: "
              + e.getMessage());
      return Optional.empty();
    }
  }
}
