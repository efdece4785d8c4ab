/**
 * The layout of a persistent dm-snapshot copy-on-write store, version 1, as a format for
 * differences between two versions of a block device: read, written, applied. Usable alone, on
 * plain files, without root. {@code docs/cow-format.md} describes it byte by byte.
 */
@NullMarked
package io.replication4j.lvm.cow;

import org.jspecify.annotations.NullMarked;
