@NullMarked
package io.replication4j.spi;

import org.jspecify.annotations.NullMarked;
