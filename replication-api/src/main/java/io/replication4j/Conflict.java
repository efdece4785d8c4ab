package io.replication4j;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Why a sync must not go on, with its evidence. {@link #message} says what to do; nothing was
 * changed, or only what an interrupted earlier sync had left to finish.
 */
public sealed interface Conflict {

  /** What stands in the way, on which object and host, and the choices. */
  String message();

  /**
   * The target has changes of its own after the base.
   *
   * @param member the path of the changed member, empty for the filesystem itself
   * @param base the newest version both sides hold
   * @param after the target's own versions after it; empty: its live data was changed
   * @param detail how it was changed, for people; may be empty
   * @param keepsVersions whether the target has the base to go back to
   * @param immovable what to do with a target that cannot be moved aside; empty: it can
   */
  record Diverged(
      Endpoint target,
      String member,
      VersionId base,
      List<Version> after,
      String detail,
      boolean keepsVersions,
      Optional<String> immovable)
      implements Conflict {
    public Diverged {
      after = List.copyOf(after);
    }

    /** Of a target that can be rolled back and moved aside. */
    public Diverged(
        Endpoint target, String member, VersionId base, List<Version> after, String detail) {
      this(target, member, base, after, detail, true, Optional.empty());
    }

    @Override
    public String message() {
      String what =
          after.isEmpty()
              ? "was written to since the base" + (detail.isEmpty() ? "" : " (" + detail + ")")
              : "has versions of its own after the base: " + after;
      return target.filesystem().child(member)
          + " on "
          + target.host()
          + " "
          + what
          + " "
          + base
          + "; nothing was changed. "
          + choices();
    }

    private String choices() {
      return keepsVersions
          ? "onDivergence=ROLL_BACK discards that, KEEP_ASIDE keeps it under another name and goes"
              + " on from the base"
          : "It keeps no version to roll back to: "
              + immovable.orElse("onDivergence=KEEP_ASIDE moves it aside and sends everything");
    }
  }

  /**
   * Something stands at the target that shares no version with the source.
   *
   * @param immovable what to do with it, if it cannot be moved aside; empty: it can
   */
  record NoCommonBase(
      Endpoint source,
      Endpoint target,
      String member,
      List<Version> versions,
      Optional<String> immovable)
      implements Conflict {
    public NoCommonBase {
      versions = List.copyOf(versions);
    }

    @Override
    public String message() {
      return target.filesystem().child(member)
          + " on "
          + target.host()
          + " exists and shares no version with "
          + source.filesystem().child(member)
          + " on "
          + source.host()
          + " (it has "
          + (versions.isEmpty() ? "no snapshot" : versions)
          + "); nothing was changed. "
          + immovable
              .map(what -> "Name another target, or: " + what)
              .orElse(
                  "Destroy or rename it, name another target, or choose onDivergence=KEEP_ASIDE,"
                      + " which moves it aside and sends everything");
    }
  }

  /** By the records both sides were in sync once; now they share no version. */
  record BrokenChain(
      Endpoint source, Endpoint target, VersionId recorded, Optional<Endpoint> sentTo)
      implements Conflict {
    @Override
    public String message() {
      return "the chain of "
          + source
          + " to "
          + target
          + " is broken: the last version sent, "
          + recorded
          + sentTo.map(e -> " (to " + e + ")").orElse("")
          + ", is not on both sides any more; nothing was changed. Find out who destroyed it, or"
          + " whether this is the target you mean. onBrokenChain=FULL sends everything again to an"
          + " empty place, COMPARE sends the blocks that differ (volumes)";
    }
  }

  /** The records say that the data flows the other way. */
  record RolesReversed(Endpoint source, Endpoint target, PairState recorded) implements Conflict {
    @Override
    public String message() {
      return source
          + " is on record as the target of pair "
          + recorded.pair()
          + " (epoch "
          + recorded.epoch()
          + "); nothing was changed. Sync the other way, or set"
          + " acceptRoleChange if it is to be the source from now on";
    }
  }

  /** Both sides are on record as the source. */
  record TwoSources(Endpoint source, Endpoint target, long sourceEpoch, long targetEpoch)
      implements Conflict {
    @Override
    public String message() {
      return "both "
          + source
          + " (epoch "
          + sourceEpoch
          + ") and "
          + target
          + " (epoch "
          + targetEpoch
          + ") are on record as the source; nothing was changed. Decide which one is"
          + " right, and set acceptRoleChange on a sync from it";
    }
  }

  /** The stream flags differ from those that the lineage began with. */
  record LineageChanged(Endpoint source, Map<String, String> recorded, Map<String, String> wanted)
      implements Conflict {
    public LineageChanged {
      recorded = Map.copyOf(recorded);
      wanted = Map.copyOf(wanted);
    }

    @Override
    public String message() {
      return "the stream options of "
          + source
          + " are now "
          + wanted
          + ", the lineage began with "
          + recorded
          + "; changing them between increments can damage the target. Nothing was"
          + " changed. Restore the old options, or begin a new target";
    }
  }

  /** The place of the target is taken by something that can be neither received into nor moved. */
  record TargetOccupied(Endpoint target, String detail) implements Conflict {
    @Override
    public String message() {
      return target
          + " cannot become a replica: "
          + detail
          + "; nothing was changed. Remove it, or"
          + " name another target";
    }
  }
}
