/** LVM in memory: what tests of this backend, and of host applications, run against. */
@NullMarked
package io.replication4j.lvm.testing;

import org.jspecify.annotations.NullMarked;
