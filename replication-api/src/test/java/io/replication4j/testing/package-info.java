/** What backends, runners and host applications test against; published as the test-jar of replication-api. */
@NullMarked
package io.replication4j.testing;

import org.jspecify.annotations.NullMarked;
