/** The shortest program that replicates. */
@NullMarked
package io.replication4j.examples.firstsync;

import org.jspecify.annotations.NullMarked;
