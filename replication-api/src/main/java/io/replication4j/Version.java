package io.replication4j;

import java.time.Instant;
import java.util.Optional;

/**
 * A point in a filesystem's history that storage still remembers: with its data ({@link Snapshot})
 * or only as a place that an increment can start from ({@link Bookmark}).
 */
public sealed interface Version permits Snapshot, Bookmark {

  FilesystemName filesystem();

  /** The label, without filesystem and separator. Labels move; see {@link #id}. */
  String name();

  VersionId id();

  /**
   * Where the version stands in its filesystem's history; larger (unsigned) is newer. ZFS:
   * createtxg, btrfs: generation at creation. Comparable only between versions of one filesystem on
   * one host.
   */
  long order();

  /**
   * When the version came to be on this host, by its clock; empty where the backend does not say.
   */
  Optional<Instant> createdAt();
}
