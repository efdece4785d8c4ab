/**
 * Real btrfs filesystems on plain files, and such in memory, for tests of whatever replicates them.
 */
@NullMarked
package io.replication4j.btrfs.testing;

import org.jspecify.annotations.NullMarked;
