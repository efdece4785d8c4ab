/** Tests of the {@code quickstart} command. */
@NullMarked
package io.replication4j.examples.quickstart;

import org.jspecify.annotations.NullMarked;
