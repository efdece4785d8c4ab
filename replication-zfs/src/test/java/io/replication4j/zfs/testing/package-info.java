/**
 * What host applications and our own tests need to test against ZFS: one in memory, and a real one
 * on plain files.
 */
@NullMarked
package io.replication4j.zfs.testing;

import org.jspecify.annotations.NullMarked;
