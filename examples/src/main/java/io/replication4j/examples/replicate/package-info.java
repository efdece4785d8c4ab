/** The {@code replicate} command: one source to one or more targets. */
@NullMarked
package io.replication4j.examples.replicate;

import org.jspecify.annotations.NullMarked;
