/** What the commands share: human-readable numbers, a progress bar, Ctrl-C. */
@NullMarked
package io.replication4j.examples.support;

import org.jspecify.annotations.NullMarked;
