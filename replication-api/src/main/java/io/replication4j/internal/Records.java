package io.replication4j.internal;

import io.replication4j.Conflict;
import io.replication4j.Endpoint;
import io.replication4j.PairState;
import io.replication4j.Role;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.Version;
import io.replication4j.VersionId;
import java.util.Optional;

/**
 * What the records of both sides have to say before a plan is made. They warn and refuse; they
 * never steer.
 */
final class Records {

  private final PlanRequest request;
  private final Optional<PairState> source;
  private final Optional<PairState> target;

  Records(PlanRequest request) {
    this.request = request;
    this.source = request.sourceState();
    this.target = request.targetState();
  }

  /** Roles that contradict this direction, or streams of another kind than those before. */
  Optional<Conflict> conflict(boolean incremental) {
    if (!request.policy().acceptRoleChange()) {
      Optional<Conflict> roles = roles();
      if (roles.isPresent()) {
        return roles;
      }
    }
    return incremental ? lineage() : Optional.empty();
  }

  private Optional<Conflict> roles() {
    boolean sourceSends = source.filter(s -> s.role() == Role.SOURCE).isPresent();
    Optional<PairState> targetSends = target.filter(t -> t.role() == Role.SOURCE);
    if (sourceSends && targetSends.isPresent()) {
      return Optional.of(
          new Conflict.TwoSources(
              request.source(),
              request.target(),
              source.orElseThrow().epoch(),
              targetSends.get().epoch()));
    }
    return source
        .filter(s -> sourceWasTarget())
        .or(() -> targetSends)
        .map(s -> new Conflict.RolesReversed(request.source(), request.target(), s));
  }

  /** Whether the data flowed the other way until now. */
  boolean sourceWasTarget() {
    return source.filter(s -> s.role() == Role.TARGET).isPresent();
  }

  private Optional<Conflict> lineage() {
    return source
        .filter(s -> s.base().isPresent() && !s.lineage().equals(request.lineage()))
        .map(s -> new Conflict.LineageChanged(request.source(), s.lineage(), request.lineage()));
  }

  /** To be asked where no version is common: whether one was, by the records. */
  Optional<Conflict> brokenChain() {
    if (request.policy().onBrokenChain() == OnBrokenChain.FULL) {
      return Optional.empty();
    }
    Optional<PairState> recorded =
        source.filter(s -> s.base().isPresent()).or(() -> target.filter(t -> t.base().isPresent()));
    return recorded.map(this::brokenChain);
  }

  /** Whether what differs may be sent, once both sides were compared. */
  boolean mayCompare() {
    return request.policy().onBrokenChain() == OnBrokenChain.COMPARE
        && request.features().comparesBlocks()
        && brokenChain().isPresent();
  }

  private Conflict brokenChain(PairState recorded) {
    VersionId base = recorded.base().orElseThrow();
    Optional<Endpoint> sentTo = Optional.of(recorded.target());
    return new Conflict.BrokenChain(request.source(), request.target(), base, sentTo);
  }

  /** Whether both records say that this version is the base, and that all went well. */
  boolean areCurrent(Optional<Version> common) {
    return isCurrent(source, Role.SOURCE, common) && isCurrent(target, Role.TARGET, common);
  }

  private static boolean isCurrent(Optional<PairState> state, Role role, Optional<Version> common) {
    return state
        .filter(s -> s.role() == role && s.lastResult() == PairState.Result.SYNCED)
        .filter(s -> s.base().equals(common.map(Version::id)))
        .isPresent();
  }
}
