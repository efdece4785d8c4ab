/** Filesystems in files, and an SSH server on loopback: what quickstart and benchmark work on. */
@NullMarked
package io.replication4j.examples.lab;

import org.jspecify.annotations.NullMarked;
