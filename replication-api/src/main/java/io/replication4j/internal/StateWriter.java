package io.replication4j.internal;

import io.replication4j.PairState;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationJson;
import io.replication4j.Role;
import io.replication4j.Side;
import io.replication4j.SyncStep;
import io.replication4j.Version;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills in the records that a sync leaves with the data of both sides. */
final class StateWriter {

  private static final Logger LOG = LoggerFactory.getLogger(StateWriter.class);

  /**
   * Enough to say what happened; the record has to fit into a property of 1024 bytes on old ZFS.
   */
  private static final int MESSAGE_LIMIT = 120;

  private final PairContext pair;
  private final Optional<PairState> sourceBefore;
  private final String sourceId;
  private final long epoch;

  StateWriter(PairContext pair, PairView before) {
    this.pair = pair;
    List<String> notes = new ArrayList<>(); // the plan has reported them
    this.sourceBefore = StateRecords.find(pair.pair(), before.source(), notes);
    this.sourceId = before.source().filesystemId();
    Optional<PairState> target = StateRecords.find(pair.pair(), before.target(), notes);
    long newest =
        Stream.concat(sourceBefore.stream(), target.stream())
            .mapToLong(PairState::epoch)
            .max()
            .orElse(1);
    boolean reversed =
        sourceBefore.filter(s -> s.role() == Role.TARGET).isPresent()
            || target.filter(s -> s.role() == Role.SOURCE).isPresent();
    this.epoch = reversed ? newest + 1 : newest;
  }

  /** The record of a sync that has come this far. */
  PairState synced(SyncStep.RecordState step, PairView view, long bytes, Duration streaming) {
    Optional<Version> common = view.commonRoot();
    long millis = Math.max(1, streaming.toMillis());
    return new PairState(
        pair.pair(),
        step.side() == Side.SOURCE ? Role.SOURCE : Role.TARGET,
        epoch,
        view.side(step.side()).filesystemId(),
        pair.endpoint(Side.SOURCE),
        pair.endpoint(Side.TARGET),
        common.map(Version::id),
        common.flatMap(Version::createdAt),
        Optional.of(pair.clock().instant()),
        PairState.Result.SYNCED,
        "",
        bytes,
        bytes * 1000 / millis,
        step.lineage());
  }

  void write(SyncStep.RecordState step, PairState state, CommandRunner runner)
      throws InterruptedException {
    StorageBackend backend = pair.backend(step.side());
    String text = ReplicationJson.write(state);
    backend.runAllOrFail(backend.record(pair.side(step.side()).name(), step.pair(), text), runner);
  }

  void writeFailure(ReplicationException failure) throws InterruptedException {
    String message = String.valueOf(failure.getMessage());
    PairState state = failed(message.substring(0, Math.min(MESSAGE_LIMIT, message.length())));
    StorageBackend source = pair.backend(Side.SOURCE);
    try {
      source.runAllOrFail(
          source.record(pair.source().name(), pair.pair(), ReplicationJson.write(state)),
          source.runner());
    } catch (ReplicationException e) {
      LOG.warn("{}: the failure could not be recorded: {}", pair.pair(), e.getMessage());
    }
  }

  /** What was true before stays on record: base, time and lineage are those of the last success. */
  private PairState failed(String message) {
    return new PairState(
        pair.pair(),
        Role.SOURCE,
        epoch,
        sourceId,
        pair.endpoint(Side.SOURCE),
        pair.endpoint(Side.TARGET),
        sourceBefore.flatMap(PairState::base),
        sourceBefore.flatMap(PairState::asOf),
        sourceBefore.flatMap(PairState::completedAt),
        PairState.Result.FAILED,
        message,
        0,
        0,
        sourceBefore.map(PairState::lineage).orElse(Map.of()));
  }
}
