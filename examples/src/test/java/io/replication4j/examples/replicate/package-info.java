/** Tests of the {@code replicate} command. */
@NullMarked
package io.replication4j.examples.replicate;

import org.jspecify.annotations.NullMarked;
