@NullMarked
package io.replication4j;

import org.jspecify.annotations.NullMarked;
