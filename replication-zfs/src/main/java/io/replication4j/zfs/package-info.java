/**
 * Replication of ZFS datasets, filesystems and volumes alike, by the {@code zfs} and {@code zpool}
 * commands: OpenZFS 2.x and 0.8, and what older ones can do.
 */
@NullMarked
package io.replication4j.zfs;

import org.jspecify.annotations.NullMarked;
