@NullMarked
package io.replication4j.command;

import org.jspecify.annotations.NullMarked;
