@NullMarked
package io.replication4j.command.ssh;

import org.jspecify.annotations.NullMarked;
