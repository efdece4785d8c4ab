/** Tests of the examples, and of what the README says of them. */
@NullMarked
package io.replication4j.examples;

import org.jspecify.annotations.NullMarked;
