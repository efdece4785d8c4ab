package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * What a sync may do, and how long it may wait. Immutable.
 *
 * @param onDivergence what to do with a target that has changes of its own
 * @param onBrokenChain what to do when both sides were in sync once, by their records, and share no
 *     version any more
 * @param onRemovedChild what to do with a target's child whose source was destroyed (ZFS; a btrfs
 *     target follows its source, as with any other deleted directory)
 * @param intermediates whether the source's snapshots between base and new snapshot are sent too
 *     ({@code zfs send -I}); without, only the new one ({@code -i})
 * @param acceptRoleChange whether a sync may run against the recorded roles (what was the target is
 *     now the source)
 * @param stallTimeout how long a stream may stand still before it is ended
 * @param commandTimeout how long any other command of a step may take; listings have {@link
 *     io.replication4j.command.Command#DEFAULT_TIMEOUT}
 * @param bytesPerSecond the most that a stream may move per second; empty: no limit
 * @param route how the stream travels
 */
public record SyncPolicy(
    OnDivergence onDivergence,
    OnBrokenChain onBrokenChain,
    OnRemovedChild onRemovedChild,
    boolean intermediates,
    boolean acceptRoleChange,
    Duration stallTimeout,
    Duration commandTimeout,
    Optional<Long> bytesPerSecond,
    Route route) {

  /** A broken chain is an alert, never silently a full send. */
  public enum OnBrokenChain {
    /** Change nothing; the plan is {@link SyncPlan.Blocked}. */
    REFUSE,
    /** Send everything again, if nothing stands at the target. */
    FULL,
    /**
     * Send what differs: both sides are read and compared block by block on their own hosts, and
     * the target's newest version becomes the base. Where the storage cannot do that (ZFS, btrfs),
     * or the target has no version left: as {@link #REFUSE}. What the target holds beyond its
     * version is up to {@link OnDivergence}, as ever.
     */
    COMPARE
  }

  /** A source's child that is gone leaves its copy on the target. */
  public enum OnRemovedChild {
    /** The copy and its last snapshot stay, the snapshot under another name. */
    KEEP,
    /** The copy is destroyed with its snapshots. */
    DESTROY
  }

  /** The way of the bytes. */
  public enum Route {
    /** Through this JVM: metered, limited, no connection needed between the hosts. */
    THROUGH_HERE,
    /**
     * On one host a pipe there; else the source's host runs ssh(1) to the target's, which needs
     * keys and known hosts there. Counted once a second, not limited. Not for volumes, whose
     * streams this program makes, and not into a spool: a plan is refused then with an {@link
     * UnsupportedException}.
     */
    DIRECT
  }

  public SyncPolicy {
    requireNonNull(onDivergence, "onDivergence");
    requireNonNull(onBrokenChain, "onBrokenChain");
    requireNonNull(onRemovedChild, "onRemovedChild");
    requirePositive("stallTimeout", stallTimeout);
    requirePositive("commandTimeout", commandTimeout);
    requireNonNull(route, "route");
    if (bytesPerSecond.isPresent() && route == Route.DIRECT) {
      throw new IllegalArgumentException(
          "bytesPerSecond limits what passes through here; leave it out, or use"
              + " route=THROUGH_HERE");
    }
    if (bytesPerSecond.filter(rate -> rate <= 0).isPresent()) {
      throw new IllegalArgumentException("bytesPerSecond must be positive: " + bytesPerSecond);
    }
  }

  private static void requirePositive(String what, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(what + " must be positive: " + duration);
    }
  }

  /** Refuses whatever would discard or move target data; the safest start. */
  public static SyncPolicy refusing() {
    return builder(OnDivergence.REFUSE).build();
  }

  /** A builder; {@code onDivergence} has no default, because some of its values discard data. */
  public static Builder builder(OnDivergence onDivergence) {
    return new Builder(onDivergence);
  }

  public Builder toBuilder() {
    Builder builder = new Builder(onDivergence);
    builder.onBrokenChain = onBrokenChain;
    builder.onRemovedChild = onRemovedChild;
    builder.intermediates = intermediates;
    builder.acceptRoleChange = acceptRoleChange;
    builder.stallTimeout = stallTimeout;
    builder.commandTimeout = commandTimeout;
    builder.bytesPerSecond = bytesPerSecond;
    builder.route = route;
    return builder;
  }

  /** Collects a {@link SyncPolicy}; not thread-safe. */
  public static final class Builder {

    private final OnDivergence onDivergence;
    private OnBrokenChain onBrokenChain = OnBrokenChain.REFUSE;
    private OnRemovedChild onRemovedChild = OnRemovedChild.KEEP;
    private boolean intermediates;
    private boolean acceptRoleChange;
    private Duration stallTimeout = Duration.ofMinutes(5);
    private Duration commandTimeout = Duration.ofMinutes(10);
    private Optional<Long> bytesPerSecond = Optional.empty();
    private Route route = Route.THROUGH_HERE;

    private Builder(OnDivergence onDivergence) {
      this.onDivergence = requireNonNull(onDivergence, "onDivergence");
    }

    /** Default {@link OnBrokenChain#REFUSE}. */
    public Builder onBrokenChain(OnBrokenChain choice) {
      this.onBrokenChain = requireNonNull(choice, "choice");
      return this;
    }

    /** Default {@link OnRemovedChild#KEEP}. */
    public Builder onRemovedChild(OnRemovedChild choice) {
      this.onRemovedChild = requireNonNull(choice, "choice");
      return this;
    }

    /** Default off. */
    public Builder intermediates(boolean send) {
      this.intermediates = send;
      return this;
    }

    /** Default off. */
    public Builder acceptRoleChange(boolean accept) {
      this.acceptRoleChange = accept;
      return this;
    }

    /** Default 5 minutes. */
    public Builder stallTimeout(Duration timeout) {
      requirePositive("stallTimeout", timeout);
      this.stallTimeout = timeout;
      return this;
    }

    /** Default 10 minutes. */
    public Builder commandTimeout(Duration timeout) {
      requirePositive("commandTimeout", timeout);
      this.commandTimeout = timeout;
      return this;
    }

    /** Default: no limit. */
    public Builder bytesPerSecond(long limit) {
      if (limit <= 0) {
        throw new IllegalArgumentException("bytesPerSecond must be positive: " + limit);
      }
      this.bytesPerSecond = Optional.of(limit);
      return this;
    }

    /** Default {@link Route#THROUGH_HERE}. */
    public Builder route(Route way) {
      this.route = requireNonNull(way, "way");
      return this;
    }

    public SyncPolicy build() {
      return new SyncPolicy(
          onDivergence,
          onBrokenChain,
          onRemovedChild,
          intermediates,
          acceptRoleChange,
          stallTimeout,
          commandTimeout,
          bytesPerSecond,
          route);
    }
  }
}
