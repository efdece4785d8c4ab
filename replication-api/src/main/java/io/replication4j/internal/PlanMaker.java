package io.replication4j.internal;

import io.replication4j.Conflict;
import io.replication4j.NotFoundException;
import io.replication4j.OverlapException;
import io.replication4j.PairState;
import io.replication4j.PlannedCommand;
import io.replication4j.PlannedStep;
import io.replication4j.Role;
import io.replication4j.Side;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.SyncStep;
import io.replication4j.Version;
import io.replication4j.command.Command;
import io.replication4j.spi.BlockDevice;
import io.replication4j.spi.StorageBackend;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** From what was observed to a plan with its commands. */
public final class PlanMaker {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final PairContext pair;

  public PlanMaker(PairContext pair) {
    this.pair = pair;
  }

  /**
   * The plan for what was observed.
   *
   * @throws NotFoundException if the source does not exist
   * @throws OverlapException if one side lies within the other
   * @throws io.replication4j.UnsupportedException if the source can be a target only, or there is
   *     no such route
   */
  public SyncPlan plan(PairView view) throws InterruptedException {
    DirectTransfer.requirePossible(pair);
    pair.backend(Side.SOURCE).requireSource(pair.source().name());
    requireSane(view);
    List<String> notes = new ArrayList<>();
    PlanRequest request = request(view, notes);
    Planner.Decision decision = Planner.plan(request, view);
    Optional<Version> common = view.commonRoot();
    request.sourceState().ifPresent(state -> compare(state, common, notes));
    if (decision.conflict().isPresent()) {
      Conflict conflict = decision.conflict().get();
      return new SyncPlan.Blocked(pair.pair(), conflict, notes);
    }
    if (decision.steps().isEmpty()) {
      return new SyncPlan.UpToDate(pair.pair(), common.orElseThrow().id(), notes);
    }
    return new SyncPlan.Transfer(
        pair.pair(),
        pair.endpoint(Side.SOURCE),
        pair.endpoint(Side.TARGET),
        common.map(Version::id),
        describe(decision.steps()),
        notes);
  }

  private void requireSane(PairView view) throws InterruptedException {
    if (pair.endpoint(Side.SOURCE).overlaps(pair.endpoint(Side.TARGET))) {
      throw new OverlapException(pair.endpoint(Side.SOURCE), pair.endpoint(Side.TARGET));
    }
    if (view.matches().stream().noneMatch(match -> match.source().path().isEmpty())) {
      throw new NotFoundException(
          "cannot replicate "
              + pair.endpoint(Side.SOURCE)
              + ": it does not exist; check the name, and whether its storage is imported or mounted",
          null);
    }
    pair.backend(Side.TARGET).requireTarget(pair.target().name());
  }

  private PlanRequest request(PairView view, List<String> notes) throws InterruptedException {
    Optional<PairState> targetState = StateRecords.find(pair.pair(), view.target(), notes);
    StorageBackend source = pair.backend(Side.SOURCE);
    return new PlanRequest(
        pair.pair(),
        pair.endpoint(Side.SOURCE),
        pair.endpoint(Side.TARGET),
        pair.names(),
        pair.policy(),
        pair.recursive(),
        pair.backend(Side.TARGET).features(),
        source.lineage(),
        PlanRequest.ASIDE + TIME.format(pair.clock().instant()),
        StateRecords.find(pair.pair(), view.source(), notes),
        targetState,
        replicaProperties(view, targetState),
        pair.backend(Side.TARGET).immovable(pair.target().name()),
        (here, there, members, intermediates) ->
            source.streams(here, there, members, intermediates, pair.backend(Side.TARGET)));
  }

  /** Of what stands at its place; what is on its way there was made by a sync. */
  private Map<String, String> replicaProperties(PairView view, Optional<PairState> state)
      throws InterruptedException {
    boolean fresh =
        view.target().prepared()
            && view.target().member("").isPresent()
            && state.filter(s -> s.role() == Role.TARGET).isEmpty();
    return fresh
        ? pair.backend(Side.TARGET).replicaProperties(pair.target().name(), pair.recursive())
        : Map.of();
  }

  private static void compare(PairState state, Optional<Version> common, List<String> notes) {
    if (common.isPresent()
        && state.base().isPresent()
        && !state.base().get().equals(common.get().id())) {
      notes.add(
          "pair "
              + state.pair()
              + ": "
              + state.base().get()
              + " is on record as the base, "
              + common.get().id()
              + " is what both sides hold");
    }
  }

  /** Every step with its commands. */
  public List<PlannedStep> describe(List<SyncStep> steps) throws InterruptedException {
    List<PlannedStep> planned = new ArrayList<>();
    for (SyncStep step : steps) {
      planned.add(new PlannedStep(step, commands(step)));
    }
    return planned;
  }

  private List<PlannedCommand> commands(SyncStep step) throws InterruptedException {
    StorageBackend backend = pair.backend(step.side());
    if (step instanceof SyncStep.Send send) {
      return sendCommands(send);
    }
    List<Command> commands =
        step instanceof SyncStep.RecordState record
            ? backend.record(pair.side(step.side()).name(), record.pair(), "{…}")
            : backend.commands(pair.side(step.side()).name(), step);
    return planned(backend, commands);
  }

  private List<PlannedCommand> sendCommands(SyncStep.Send send) throws InterruptedException {
    StorageBackend source = pair.backend(Side.SOURCE);
    StorageBackend target = pair.backend(Side.TARGET);
    Command sending = source.send(pair.source().name(), send, target);
    Command receiving = target.receive(pair.target().name(), send);
    List<PlannedCommand> planned = new ArrayList<>();
    if (pair.policy().route() == Route.DIRECT) {
      Command both = DirectTransfer.command(source, sending, target, receiving);
      planned.addAll(planned(source, List.of(both)));
    } else {
      if (send.members().stream().anyMatch(SyncStep.MemberSend::compared)) {
        planned.addAll(comparing(source, target));
      }
      planned.addAll(planned(source, List.of(sending)));
      planned.addAll(planned(target, List.of(receiving)));
    }
    planned.addAll(planned(target, target.afterReceive(pair.target().name(), send)));
    return planned;
  }

  /** The source's device is that of a snapshot which is still to be taken. */
  private List<PlannedCommand> comparing(StorageBackend source, StorageBackend target)
      throws InterruptedException {
    Optional<String> live =
        target.blocks(pair.target().name(), Optional.empty()).map(BlockDevice::path);
    List<PlannedCommand> planned = new ArrayList<>();
    planned.addAll(planned(source, List.of(source.digests("{…}"))));
    planned.addAll(planned(target, List.of(target.digests(live.orElse("{…}")))));
    return planned;
  }

  private static List<PlannedCommand> planned(StorageBackend backend, List<Command> commands) {
    return commands.stream()
        .map(command -> new PlannedCommand(backend.runner().host(), command.toShellText()))
        .toList();
  }
}
