package io.replication4j.lvm;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.lvm.cow.CowGeometry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What device-mapper says of a snapshot: dmsetup-status, "snapshot". Sectors of 512 bytes. Pure.
 *
 * @param valid false: it overflowed, or its device failed
 */
record StoreStatus(boolean valid, long usedSectors, long sectors, long metadataSectors) {

  private static final Pattern LINE =
      Pattern.compile(
          "\\d+ \\d+ snapshot (?:(\\d+)/(\\d+) (\\d+)|(Invalid|Overflow|Merge failed))");

  static StoreStatus parse(String line) {
    Matcher matcher = LINE.matcher(line.strip());
    if (!matcher.matches()) {
      throw new UnexpectedOutputException(
          "dmsetup status printed '" + line.strip() + "' for a snapshot", null);
    }
    return matcher.group(4) != null
        ? new StoreStatus(false, 0, 0, 0)
        : new StoreStatus(
            true,
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            Long.parseLong(matcher.group(3)));
  }

  long usedBytes() {
    return usedSectors * CowGeometry.SECTOR_BYTES;
  }

  boolean isFullerThan(int percent) {
    return !valid || usedSectors * 100 > sectors * percent;
  }

  /** How many chunks of the table there are: all but the header's. Of one that is lost: unknown. */
  long areas(int chunkSectors) {
    if (!valid) {
      throw new IllegalStateException("a snapshot that is lost lists nothing");
    }
    return metadataSectors / chunkSectors - 1;
  }
}
