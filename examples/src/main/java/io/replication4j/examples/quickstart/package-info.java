/** The {@code quickstart} command: a replication from the first sync to a repaired one. */
@NullMarked
package io.replication4j.examples.quickstart;

import org.jspecify.annotations.NullMarked;
