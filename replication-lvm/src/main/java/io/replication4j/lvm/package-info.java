/** Replication of LVM logical volumes. */
@NullMarked
package io.replication4j.lvm;

import org.jspecify.annotations.NullMarked;
