/**
 * What host applications and backend authors test with: a storage in memory, faults at every
 * command, and the contracts that every backend and runner must keep. The contracts need JUnit 5;
 * the rest needs nothing but replication-api.
 */
@NullMarked
package io.replication4j.testing;

import org.jspecify.annotations.NullMarked;
