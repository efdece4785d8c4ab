package io.replication4j.zfs;

import io.replication4j.Bookmark;
import io.replication4j.FilesystemName;
import io.replication4j.Snapshot;
import io.replication4j.Version;
import io.replication4j.VersionId;
import java.time.Instant;
import java.util.Optional;

/**
 * One dataset, snapshot or bookmark of a listing.
 *
 * @param dataset without snapshot or bookmark
 * @param label the part after {@code @} or {@code #}; empty for a dataset
 * @param created seconds since 1970
 * @param available bytes that can still be written here; empty for all but datasets
 * @param written bytes that came since the snapshot before; empty for a bookmark and where the host
 *     cannot tell
 * @param resumeToken of a partly received stream
 */
record ZfsRow(
    Kind kind,
    String dataset,
    String label,
    String guid,
    long createtxg,
    long created,
    Optional<Long> available,
    Optional<Long> written,
    Optional<String> resumeToken) {

  /** By the property {@code type}. */
  enum Kind {
    FILESYSTEM,
    VOLUME,
    SNAPSHOT,
    BOOKMARK
  }

  boolean isDataset() {
    return kind == Kind.FILESYSTEM || kind == Kind.VOLUME;
  }

  boolean isSnapshot(String name) {
    return kind == Kind.SNAPSHOT && label.equals(name);
  }

  /** The same, under the name that its dataset will have. */
  ZfsRow at(String newDataset) {
    return new ZfsRow(
        kind, newDataset, label, guid, createtxg, created, available, written, resumeToken);
  }

  VersionId id() {
    return VersionId.of(guid);
  }

  Version version() {
    FilesystemName filesystem = FilesystemName.of(dataset);
    Optional<Instant> at = Optional.of(Instant.ofEpochSecond(created));
    return kind == Kind.SNAPSHOT
        ? new Snapshot(filesystem, label, id(), createtxg, at)
        : new Bookmark(filesystem, label, id(), createtxg, at);
  }
}
