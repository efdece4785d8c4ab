/** Real btrfs filesystems on plain files, for tests of whatever replicates them. */
@NullMarked
package io.replication4j.btrfs.testing;

import org.jspecify.annotations.NullMarked;
