/** The {@code dds} command: differences of LVM volumes as streams. */
@NullMarked
package io.replication4j.examples.dds;

import org.jspecify.annotations.NullMarked;
