package io.replication4j.spi;

import static java.util.Objects.requireNonNull;

import io.replication4j.FilesystemName;
import java.util.Set;

/**
 * A filesystem to look at.
 *
 * @param recursive whether its descendants belong to it
 * @param flush whether writes that the host still holds back must show in the answer; true where
 *     "nothing changed" is going to be concluded from it. A backend that sees a change without
 *     flushing need not flush
 * @param pairs whose records are asked for; others need not be looked for
 */
public record ObserveRequest(
    FilesystemName root, boolean recursive, boolean flush, Set<String> pairs) {

  public ObserveRequest {
    requireNonNull(root, "root");
    pairs = Set.copyOf(pairs);
  }

  /** A look at the versions alone: nothing is flushed, no record is asked for. */
  public static ObserveRequest versions(FilesystemName root, boolean recursive) {
    return new ObserveRequest(root, recursive, false, Set.of());
  }

  /** Whether this is a look at the versions alone, so that the live data need not be judged. */
  public boolean isOfVersions() {
    return !flush && pairs.isEmpty();
  }

  /** The same, shortly after a look that flushed: what was written before that shows. */
  public ObserveRequest again() {
    return new ObserveRequest(root, recursive, false, pairs);
  }
}
