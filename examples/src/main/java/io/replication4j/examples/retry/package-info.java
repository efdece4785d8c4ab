/** What to do with a failure. */
@NullMarked
package io.replication4j.examples.retry;

import org.jspecify.annotations.NullMarked;
