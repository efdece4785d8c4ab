package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Writes streams: a store that a kernel takes, with our identity in its header and our trailer. */
public final class CowWriter {

  private final CowGeometry geometry;
  private final long originBytes;
  private final ByteSource data;
  private final CheckedOutput out;
  private final List<ByteSource.Piece> pieces = new ArrayList<>(); // of the block that is filled

  private CowWriter(CowGeometry geometry, long originBytes, ByteSource data, CheckedOutput out) {
    this.geometry = geometry;
    this.originBytes = originBytes;
    this.data = data;
    this.out = out;
  }

  /**
   * Writes the stream that holds these chunks, in ascending order, with their data from {@code
   * data}: {@link CowGeometry#streamBytes} bytes, in blocks of up to a mebibyte; {@code out} stays
   * open. A last chunk that reaches behind the end of the origin is filled up with zeroes.
   *
   * @param data is read in ascending order, only where the chunks are, and not behind the end of
   *     the origin
   * @throws IllegalArgumentException if {@code identity} counts other chunks than {@code chunks},
   *     or one of them lies behind the end of the origin
   * @throws IOException if {@code data} cannot be read or {@code out} not be written; what was
   *     written up to then is no complete stream, and every reader sees that
   */
  public static CowStats write(
      CowGeometry geometry,
      StreamIdentity identity,
      ChunkSet chunks,
      ByteSource data,
      WritableByteChannel out)
      throws IOException {
    if (identity.exceptions().orElse(-1) != chunks.size()) {
      throw new IllegalArgumentException(identity + " for " + chunks.size() + " chunks");
    }
    if (chunks.end() > geometry.chunksOf(identity.originBytes())) {
      throw new IllegalArgumentException(
          "chunk " + (chunks.end() - 1) + " of an origin of " + identity.originBytes() + " bytes");
    }
    return write(geometry, identity, chunks.ranges(), data, out);
  }

  /**
   * As {@link #write(CowGeometry, StreamIdentity, ChunkSet, ByteSource, WritableByteChannel)}, of
   * chunks that are looked for on the way: a range is asked for when the data of all areas before
   * its own was read.
   *
   * @param chunks ascending, neither touching nor overlapping, within the origin
   */
  public static CowStats write(
      CowGeometry geometry,
      StreamIdentity identity,
      Iterator<ChunkRange> chunks,
      ByteSource data,
      WritableByteChannel out)
      throws IOException {
    CowHeader header = new CowHeader(true, geometry, Optional.of(identity));
    long exceptions =
        new CowWriter(geometry, identity.originBytes(), data, new CheckedOutput(out))
            .write(header, chunks);
    return new CowStats(header, exceptions, true);
  }

  private long write(CowHeader header, Iterator<ChunkRange> chunks) throws IOException {
    header.write(out.space(CowHeader.BYTES));
    out.zeroes(geometry.chunkBytes() - CowHeader.BYTES);
    AreaRanges areas = new AreaRanges(chunks, geometry.exceptionsPerArea());
    long area = 0;
    long count = 0;
    boolean full = true;
    while (full) {
      List<ChunkRange> ranges = areas.next();
      long exceptions = writeTable(ranges, geometry.areaChunk(area++) + 1);
      count += exceptions;
      for (ChunkRange range : ranges) {
        writeData(range);
      }
      readPieces();
      full = exceptions == geometry.exceptionsPerArea();
    }
    CowTrailer trailer = new CowTrailer(count, out.position(), out.crc32c());
    trailer.write(out.space(CowTrailer.BYTES));
    out.flush();
    return count;
  }

  private long writeTable(List<ChunkRange> ranges, long firstData) throws IOException {
    long exceptions = 0;
    for (ChunkRange range : ranges) {
      for (long chunk = range.first(); chunk < range.end(); chunk++) {
        ByteBuffer entry = out.space(CowGeometry.EXCEPTION_BYTES);
        entry.putLong(chunk).putLong(firstData + exceptions++);
      }
    }
    out.zeroes(geometry.chunkBytes() - exceptions * CowGeometry.EXCEPTION_BYTES);
    return exceptions;
  }

  private void writeData(ChunkRange range) throws IOException {
    long start = range.first() * geometry.chunkBytes();
    long end = range.end() * geometry.chunkBytes();
    long stored = Math.min(end, originBytes);
    for (long at = start; at < stored; ) {
      if (out.isFull()) {
        readPieces();
      }
      ByteBuffer space = out.someSpace(stored - at);
      pieces.add(new ByteSource.Piece(at, space));
      at += space.limit();
    }
    if (end > stored) { // the last one of the volume
      readPieces();
      out.zeroes(end - stored);
    }
  }

  private void readPieces() throws IOException {
    data.read(pieces);
    pieces.clear();
  }

  /** The chunks of one area after the other. */
  private static final class AreaRanges {

    private final Iterator<ChunkRange> ranges;
    private final int perArea;
    private Optional<ChunkRange> rest = Optional.empty();

    AreaRanges(Iterator<ChunkRange> ranges, int perArea) {
      this.ranges = ranges;
      this.perArea = perArea;
    }

    /** Ranges of as many chunks as one area holds, or what is left. */
    List<ChunkRange> next() {
      List<ChunkRange> area = new ArrayList<>();
      long left = perArea;
      while (left > 0 && (rest.isPresent() || ranges.hasNext())) {
        ChunkRange range = rest.isPresent() ? rest.get() : ranges.next();
        long taken = Math.min(left, range.count());
        area.add(new ChunkRange(range.first(), taken));
        rest =
            taken == range.count()
                ? Optional.empty()
                : Optional.of(new ChunkRange(range.first() + taken, range.count() - taken));
        left -= taken;
      }
      return area;
    }
  }
}
