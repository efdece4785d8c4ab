/** A rotation of the caller's own, from single steps. */
@NullMarked
package io.replication4j.examples.rotation;

import org.jspecify.annotations.NullMarked;
