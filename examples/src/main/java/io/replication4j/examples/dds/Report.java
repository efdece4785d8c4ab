package io.replication4j.examples.dds;

import io.replication4j.VersionId;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowHeader;
import io.replication4j.lvm.cow.CowStats;
import io.replication4j.lvm.cow.StreamIdentity;
import io.replication4j.lvm.cow.VolumeComparison;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** What the command says of streams and of comparisons. */
final class Report {

  private static final int SHOWN_RANGES = 20;

  private Report() {}

  /** The facts that the original dds reports, and then ours. A KB has 1024 bytes. */
  static List<String> lines(CowStats stats) {
    List<String> lines = new ArrayList<>();
    lines.add(line("magic", String.format("0x%08x", CowHeader.MAGIC)));
    lines.add(line("version", "" + CowHeader.VERSION));
    lines.add(line("valid", stats.header().valid() ? "yes" : "no"));
    lines.add(line("chunk size", kilobytes(stats.header().geometry().chunkBytes())));
    lines.add(line("exception chunks", "" + stats.exceptionChunks()));
    lines.add(line("exceptions", "" + stats.exceptions()));
    lines.add(line("metadata", kilobytes(stats.metadataBytes())));
    lines.add(line("data", kilobytes(stats.dataBytes())));
    lines.add(line("total", kilobytes(stats.totalBytes())));
    stats.header().identity().ifPresent(identity -> lines.addAll(lines(identity)));
    lines.add(line("verified", stats.verified() ? "yes" : "no"));
    return lines;
  }

  private static List<String> lines(StreamIdentity identity) {
    return List.of(
        line("base", identity.base().map(VersionId::value).orElse("not told")),
        line("target", identity.target().map(VersionId::value).orElse("not told")),
        line("origin size", kilobytes(identity.originBytes())));
  }

  /** Where they differ, in bytes: the first ranges, and how many blocks in all. */
  static List<String> lines(VolumeComparison comparison) {
    List<String> lines = new ArrayList<>();
    if (comparison.firstBytes() != comparison.secondBytes()) {
      lines.add("sizes differ: " + comparison.firstBytes() + " and " + comparison.secondBytes());
    }
    Iterator<ChunkRange> ranges = comparison.different().ranges();
    while (ranges.hasNext() && lines.size() < SHOWN_RANGES) {
      lines.add(differing(ranges.next(), comparison));
    }
    if (ranges.hasNext()) {
      lines.add("and more");
    }
    lines.add(
        comparison.isEqual()
            ? "equal: " + comparison.firstBytes() + " bytes"
            : comparison.different().size() + " blocks of 4 KB differ");
    return lines;
  }

  private static String differing(ChunkRange range, VolumeComparison comparison) {
    long start = range.first() * VolumeComparison.BLOCK_BYTES;
    long end =
        Math.min(
            range.end() * VolumeComparison.BLOCK_BYTES,
            Math.min(comparison.firstBytes(), comparison.secondBytes()));
    return "differ: " + (end - start) + " bytes from " + start + " on";
  }

  private static String line(String name, String value) {
    return String.format("%-18s%s", name + ":", value);
  }

  private static String kilobytes(long bytes) {
    return BigDecimal.valueOf(bytes)
            .divide(BigDecimal.valueOf(1024))
            .stripTrailingZeros()
            .toPlainString()
        + " KB";
  }
}
