package io.replication4j.btrfs;

import java.util.Optional;

/**
 * One row of {@code btrfs subvolume list -pcguqR}.
 *
 * @param generation the transaction that last changed it
 * @param createdIn the transaction in which it was created
 * @param parent the id of the subvolume that it lies in, 5 for the top of the filesystem
 * @param parentUuid what it was snapshot from
 * @param receivedUuid what it was received from: the received_uuid, else the uuid, of what was sent
 * @param path from the top of the filesystem, without a leading slash
 */
record Subvolume(
    long id,
    long generation,
    long createdIn,
    long parent,
    Optional<String> parentUuid,
    Optional<String> receivedUuid,
    String uuid,
    String path) {

  /** The same on every host that holds this version. */
  String identity() {
    return receivedUuid.orElse(uuid);
  }

  boolean isSnapshotOf(Subvolume other) {
    return parentUuid.filter(other.uuid::equals).isPresent();
  }

  Subvolume withPath(String newPath) {
    return new Subvolume(
        id, generation, createdIn, parent, parentUuid, receivedUuid, uuid, newPath);
  }
}
