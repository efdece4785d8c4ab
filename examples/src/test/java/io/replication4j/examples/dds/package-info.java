/** Tests of the {@code dds} command. */
@NullMarked
package io.replication4j.examples.dds;

import org.jspecify.annotations.NullMarked;
