package io.replication4j;

/**
 * What the snapshots of a rotation are called. {@code tosend} is on its way; {@code sent} is on
 * both sides and the base of the next increment. Two pairs that share a source must not share
 * names: each target has a base of its own.
 */
public record SnapshotNames(String tosend, String sent) {

  public SnapshotNames {
    Names.requireLabel("snapshot name", tosend);
    Names.requireLabel("snapshot name", sent);
    if (tosend.equals(sent)) {
      throw new IllegalArgumentException("tosend and sent need different names: " + sent);
    }
  }

  /**
   * {@code tosend} and {@code sent} alone: for a filesystem that has one pair and never another.
   */
  public static SnapshotNames plain() {
    return new SnapshotNames("tosend", "sent");
  }

  /**
   * What a {@code tosend} that never arrived is called until its successor has: {@code
   * stale-<tosend>}.
   */
  public String stale() {
    return "stale-" + tosend;
  }

  /** {@code tosend-<pair>} and {@code sent-<pair>}: what a pair uses unless told otherwise. */
  public static SnapshotNames ofPair(String pair) {
    return new SnapshotNames("tosend-" + pair, "sent-" + pair);
  }
}
