package io.replication4j.lvm;

import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * Pieces of a device, lined up in one that can be read at once: what {@link
 * LvmCommands#SEND_SCRIPT} is asked for. A mebibyte of zeroes stands before and behind them, so
 * that nobody who looks for signatures on devices takes the first or last piece for one. Pure.
 *
 * @param table a device-mapper table, one line per piece: dmsetup(8)
 * @param bytes what the pieces come to
 */
record Gather(String table, long bytes) {

  private static final long PADDING = 2048;

  /**
   * The chunks of {@code ranges} in that order.
   *
   * @param deviceBytes where the device ends: the last chunk may reach behind it, and is cut there
   */
  static Gather of(String device, CowGeometry geometry, List<ChunkRange> ranges, long deviceBytes) {
    List<String> lines = new ArrayList<>(List.of("0 " + PADDING + " zero"));
    long at = PADDING;
    for (ChunkRange range : ranges) {
      long start = range.first() * geometry.chunkBytes();
      long end = Math.min(range.end() * geometry.chunkBytes(), deviceBytes);
      long sectors = (end - start) / CowGeometry.SECTOR_BYTES;
      lines.add(at + " " + sectors + " linear " + device + " " + start / CowGeometry.SECTOR_BYTES);
      at += sectors;
    }
    lines.add(at + " " + PADDING + " zero\n");
    return new Gather(String.join("\n", lines), (at - PADDING) * CowGeometry.SECTOR_BYTES);
  }

  /** As the script reads it. */
  String request() {
    return "read " + table.length() + " " + bytes + "\n" + table;
  }
}
