package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The areas of a stream, each with the data chunks behind it. */
final class AreaReader {

  private static final int PIECE_BYTES = 1 << 16;

  /** The entries of an area are kept until its data was read: some 16 MiB. */
  private static final int MOST_ENTRIES = 1 << 19;

  private final CheckedInput in;
  private final CowSink sink;
  private final CowGeometry geometry;
  private final boolean ascending;
  private final long originBytes;
  private final List<StoredException> entries = new ArrayList<>();
  private long previous = -1;

  AreaReader(CheckedInput in, CowHeader header, CowSink sink) {
    this.in = in;
    this.sink = sink;
    this.geometry = header.geometry();
    this.ascending = header.identity().isPresent();
    this.originBytes = header.identity().map(StreamIdentity::originBytes).orElse(Long.MAX_VALUE);
  }

  /** Reads all areas; how many exceptions there were. */
  long readAll() throws IOException {
    long exceptions = 0;
    for (long area = 0; ; area++) {
      boolean last = !readTable();
      exceptions += entries.size();
      readData(geometry.areaChunk(area) + 1, last);
      if (last) {
        return exceptions;
      }
    }
  }

  /** Whether the area is full, so that another one follows. */
  private boolean readTable() throws IOException {
    entries.clear();
    int left = geometry.chunkBytes();
    boolean more = true;
    while (left > 0 && more) {
      ByteBuffer piece = in.take(Math.min(left, PIECE_BYTES), "its exception table");
      left -= piece.remaining();
      more = readEntries(piece);
    }
    in.skip(left, "its exception table");
    return more;
  }

  private boolean readEntries(ByteBuffer piece) {
    while (piece.hasRemaining()) {
      StoredException entry = new StoredException(piece.getLong(), piece.getLong());
      if (entry.newChunk() == 0) {
        return false;
      }
      requireUsable(entry);
      if (entries.size() == MOST_ENTRIES) {
        throw new UnsupportedCowException(
            "more than "
                + MOST_ENTRIES
                + " exceptions in one area, which takes chunks of more than 8 MiB: they are not kept"
                + " in memory; use smaller chunks");
      }
      entries.add(entry);
    }
    return true;
  }

  private void requireUsable(StoredException entry) {
    entry.requirePossible(geometry);
    if (entry.oldChunk() * geometry.chunkBytes() >= originBytes) {
      throw new CorruptCowException(entry + ": behind the end of the volume");
    }
    if (ascending && entry.oldChunk() <= previous) {
      throw new CorruptCowException(entry + ": not in ascending order");
    }
    previous = entry.oldChunk();
  }

  private void readData(long first, boolean last) throws IOException {
    List<StoredException> laidOut = entries;
    if (!isInSequence(first)) {
      laidOut =
          entries.stream().sorted(Comparator.comparingLong(StoredException::newChunk)).toList();
    }
    long at = first;
    int index = 0;
    while (index < laidOut.size()) {
      StoredException entry = laidOut.get(index);
      requireWithin(entry, at, first);
      skipChunks(entry.newChunk() - at);
      int run = run(laidOut, index);
      readRun(entry.oldChunk(), run);
      at = entry.newChunk() + run;
      index += run;
    }
    if (!last) {
      skipChunks(first + geometry.exceptionsPerArea() - at);
    }
  }

  private boolean isInSequence(long first) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).newChunk() != first + i) {
        return false;
      }
    }
    return true;
  }

  private void requireWithin(StoredException entry, long at, long first) {
    if (entry.newChunk() >= first && entry.newChunk() < at) {
      throw new CorruptCowException(entry + ": another entry has the same data chunk");
    }
    if (entry.newChunk() < first || entry.newChunk() >= first + geometry.exceptionsPerArea()) {
      throw new CorruptCowException(
          entry + ": its data does not lie behind its area, so that it cannot be read as a stream");
    }
  }

  /** How many entries from there on are neighbours in the volume and in the store. */
  private static int run(List<StoredException> entries, int index) {
    StoredException first = entries.get(index);
    int length = 1;
    while (index + length < entries.size()
        && entries.get(index + length).oldChunk() == first.oldChunk() + length
        && entries.get(index + length).newChunk() == first.newChunk() + length) {
      length++;
    }
    return length;
  }

  private void readRun(long oldChunk, int chunks) throws IOException {
    long position = oldChunk * geometry.chunkBytes();
    long left = (long) chunks * geometry.chunkBytes();
    while (left > 0) {
      ByteBuffer data = in.takeSome(left, "its data");
      int length = data.remaining();
      if (position < originBytes) {
        sink.data(position, data.limit((int) Math.min(length, originBytes - position)));
      }
      position += length;
      left -= length;
    }
  }

  private void skipChunks(long chunks) throws IOException {
    in.skip(chunks * geometry.chunkBytes(), "its data");
  }
}
