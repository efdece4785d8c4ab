/**
 * Replication of btrfs subvolumes. {@link io.replication4j.btrfs.BtrfsBackend} explains how
 * snapshots, copies and identities lie on the storage.
 */
@NullMarked
package io.replication4j.btrfs;

import org.jspecify.annotations.NullMarked;
