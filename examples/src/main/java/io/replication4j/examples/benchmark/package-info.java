/** The {@code benchmark} command: syncs measured against the plain shell pipelines. */
@NullMarked
package io.replication4j.examples.benchmark;

import org.jspecify.annotations.NullMarked;
