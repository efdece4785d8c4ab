@NullMarked
package io.replication4j.internal;

import org.jspecify.annotations.NullMarked;
