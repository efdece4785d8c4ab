package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * A read-only version of a filesystem, with its data: {@code fs@name} in ZFS, a read-only snapshot
 * in btrfs. See {@link Version} for the components.
 */
public record Snapshot(
    FilesystemName filesystem, String name, VersionId id, long order, Optional<Instant> createdAt)
    implements Version {

  public Snapshot {
    requireNonNull(filesystem, "filesystem");
    Names.requireArgument("snapshot name", name);
    requireNonNull(id, "id");
    requireNonNull(createdAt, "createdAt");
  }

  @Override
  public String toString() {
    return filesystem + "@" + name + " (" + id + ")";
  }
}
