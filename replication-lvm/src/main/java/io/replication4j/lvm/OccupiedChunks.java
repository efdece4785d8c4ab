package io.replication4j.lvm;

import io.replication4j.lvm.cow.ByteSource;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The chunks of a whole device that hold something, and their data: long runs of zeroes are found
 * on the device's own host and do not travel. One conversation serves both, so a batch of pieces is
 * looked for when the data of the batch before was read: which is when {@link
 * io.replication4j.lvm.cow.CowWriter} asks for them, because a batch always fills whole areas of
 * its table.
 */
final class OccupiedChunks implements Iterator<ChunkRange>, ByteSource {

  /** What pieces are made of, and what an area of this chunk size holds: a mebibyte. */
  static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();

  private static final long UNIT = 1 << 20;
  private static final long BATCH = 64 * UNIT;

  /** After so many zeroes a little of them is sent all the same: a stream that moves is alive. */
  private static final long LONGEST_SILENCE = 8L << 30;

  private final SourceDevices devices;
  private final String device;
  private final long bytes;
  private final Deque<ChunkRange> listed = new ArrayDeque<>();
  private final Deque<ChunkRange> wanted = new ArrayDeque<>();
  private final ByteSource data;
  private long at;

  /**
   * @param watch looks whether the snapshots still have room
   */
  OccupiedChunks(SourceDevices devices, String device, long bytes, SourceDevices.Watch watch) {
    this.devices = devices;
    this.device = device;
    this.bytes = bytes;
    this.data = devices.chunks(device, GEOMETRY, new Draining(wanted), bytes, watch);
  }

  /** Throws {@link UncheckedIOException} if the host does not answer. */
  @Override
  public boolean hasNext() {
    try {
      while (listed.isEmpty() && at < bytes) {
        look();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !listed.isEmpty();
  }

  @Override
  public ChunkRange next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return listed.remove();
  }

  private void look() throws IOException {
    long end = Math.min(bytes, at + LONGEST_SILENCE);
    List<SourceDevices.Piece> pieces = devices.occupied(device, at, end, BATCH);
    for (SourceDevices.Piece piece : pieces.subList(0, pieces.size() - 1)) {
      add(piece.offset(), piece.length());
    }
    long told = pieces.get(pieces.size() - 1).offset();
    if (pieces.size() == 1 && told < bytes) {
      add(told - UNIT, UNIT);
    }
    at = told;
  }

  private void add(long offset, long length) {
    ChunkRange range = new ChunkRange(offset / GEOMETRY.chunkBytes(), GEOMETRY.chunksOf(length));
    listed.add(range);
    wanted.add(range);
  }

  @Override
  public void read(long position, ByteBuffer into) throws IOException {
    data.read(position, into);
  }

  /** What is in the queue now. */
  private record Draining(Deque<ChunkRange> queue) implements Iterator<ChunkRange> {

    @Override
    public boolean hasNext() {
      return !queue.isEmpty();
    }

    @Override
    public ChunkRange next() {
      return queue.remove();
    }
  }
}
