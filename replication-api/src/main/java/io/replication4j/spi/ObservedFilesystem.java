package io.replication4j.spi;

import static java.util.Objects.requireNonNull;

import io.replication4j.Version;
import java.util.List;
import java.util.Optional;

/**
 * One filesystem of a tree, with its history.
 *
 * @param path below the observed root, empty for the root
 * @param versions snapshots and bookmarks, oldest first by {@link Version#order} (unsigned)
 * @param live what stands there now
 * @param partial a stream that was received in part
 */
public record ObservedFilesystem(
    String path, List<Version> versions, LiveState live, Optional<PartialReceive> partial) {

  public ObservedFilesystem {
    requireNonNull(path, "path");
    versions = List.copyOf(versions);
    requireNonNull(live, "live");
    requireNonNull(partial, "partial");
  }

  /** The same at another path. */
  public ObservedFilesystem at(String newPath) {
    return new ObservedFilesystem(newPath, versions, live, partial);
  }
}
