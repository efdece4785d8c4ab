package io.replication4j.testing;

import java.time.Duration;

/**
 * Two hosts with empty storage of one kind: where a contract's test takes place. Closing it removes
 * everything, also after a failure.
 */
public interface World extends AutoCloseable {

  /** Where filesystems are sent from. */
  Site source();

  /**
   * Where filesystems are sent to; another host than the source, or at least another storage under
   * another host name.
   */
  Site target();

  /** What this storage can do. */
  Capabilities capabilities();

  /**
   * Whether filesystems have children that are filesystems too; where they have none, a test of a
   * tree is one of its top, and a test of what happens to children is skipped.
   */
  default boolean hasChildren() {
    return true;
  }

  /**
   * Whether a target keeps versions that something newer has replaced. Where it does not, it can be
   * no source either, and a test of what more a target holds is skipped.
   */
  default boolean keepsVersions() {
    return true;
  }

  /**
   * More than any command here takes that is not asked to wait: how long a test of what never ends
   * waits.
   */
  default Duration brief() {
    return Duration.ofMillis(300);
  }

  /**
   * What a storage can do, beyond {@link io.replication4j.spi.BackendFeatures}. A test of what it
   * cannot expects an {@link io.replication4j.UnsupportedException}.
   *
   * @param bookmarks whether a base can outlive its snapshot's data
   * @param holds whether snapshots can be held
   * @param properties whether filesystems have properties of the user's own
   * @param resumes whether a stream that was cut can go on where it was cut
   * @param rollsBack whether a member can be rolled back in place
   * @param anyName whether names may hold whatever is not a control character
   */
  record Capabilities(
      boolean bookmarks,
      boolean holds,
      boolean properties,
      boolean resumes,
      boolean rollsBack,
      boolean anyName) {}

  @Override
  void close();
}
