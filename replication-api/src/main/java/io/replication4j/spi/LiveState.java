package io.replication4j.spi;

import io.replication4j.VersionId;
import java.util.Set;

/**
 * How a filesystem's live data relates to its versions.
 *
 * @param versions the versions that it is identical to ({@code IDENTICAL}) or was made from ({@code
 *     UNPROVEN}, {@code CHANGED}); may be empty for {@code CHANGED}
 * @param pending versions that were received and are not part of it: their installation was cut, or
 *     is still to come. What is made from this live data does not hold what they brought
 */
public record LiveState(Kind kind, Set<VersionId> versions, Set<VersionId> pending) {

  /** The relation. */
  public enum Kind {
    /** There is no live filesystem, only snapshots. */
    ABSENT,
    /** Proven to hold exactly what each of the versions holds. */
    IDENTICAL,
    /**
     * Made from the version, and touched since; {@code CheckUnmodified} can tell whether it
     * matters.
     */
    UNPROVEN,
    /** Holds something that its newest version does not. */
    CHANGED,
    /** Stands in the place, and was not made by us. */
    FOREIGN
  }

  public LiveState {
    versions = Set.copyOf(versions);
    pending = Set.copyOf(pending);
    if ((kind == Kind.IDENTICAL || kind == Kind.UNPROVEN) && versions.isEmpty()) {
      throw new IllegalArgumentException(kind + " to nothing");
    }
  }

  public LiveState(Kind kind, Set<VersionId> versions) {
    this(kind, versions, Set.of());
  }

  public static LiveState absent() {
    return new LiveState(Kind.ABSENT, Set.of());
  }

  public static LiveState identicalTo(VersionId... versions) {
    return new LiveState(Kind.IDENTICAL, Set.of(versions));
  }

  public static LiveState unproven(VersionId version) {
    return new LiveState(Kind.UNPROVEN, Set.of(version));
  }

  public static LiveState changed() {
    return new LiveState(Kind.CHANGED, Set.of());
  }

  public static LiveState foreign() {
    return new LiveState(Kind.FOREIGN, Set.of());
  }

  /** The same, with what was received and is not part of it. */
  public LiveState withPending(Set<VersionId> received) {
    return new LiveState(kind, versions, received);
  }

  /** Whether the live data is proven to be that version's. */
  public boolean isIdenticalTo(VersionId version) {
    return kind == Kind.IDENTICAL && versions.contains(version);
  }
}
