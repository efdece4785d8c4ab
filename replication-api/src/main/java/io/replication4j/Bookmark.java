package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * A version whose data may be gone, but which an increment can start from: {@code fs#name} in ZFS.
 * See {@link Version} for the components.
 */
public record Bookmark(
    FilesystemName filesystem, String name, VersionId id, long order, Optional<Instant> createdAt)
    implements Version {

  public Bookmark {
    requireNonNull(filesystem, "filesystem");
    Names.requireArgument("bookmark name", name);
    requireNonNull(id, "id");
    requireNonNull(createdAt, "createdAt");
  }

  @Override
  public String toString() {
    return filesystem + "#" + name + " (" + id + ")";
  }
}
