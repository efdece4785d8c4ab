package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Where two files or devices differ.
 *
 * @param firstBytes the size of the first
 * @param secondBytes the size of the second
 * @param different the blocks of {@link #BLOCK_BYTES} that differ, as chunk numbers, within the
 *     size of the smaller one
 */
public record VolumeComparison(long firstBytes, long secondBytes, ChunkSet different) {

  /** The unit in which differences are told: 4 KiB. */
  public static final int BLOCK_BYTES = 4096;

  private static final int RANGE_BYTES = 1 << 22;

  /**
   * Compares them, range by range, reading both at the same time; devices past the page cache.
   *
   * @throws io.replication4j.NotFoundException if one does not exist
   * @throws io.replication4j.ReplicationException if one cannot be read
   */
  public static VolumeComparison compare(Path first, Path second) throws InterruptedException {
    try (DeviceFile a = DeviceFile.openUncached(first);
        DeviceFile b = DeviceFile.openUncached(second);
        Background readers = new Background(2, "volume-comparison")) {
      return compare(a, b, readers);
    } catch (IOException e) {
      throw DeviceErrors.of("comparing " + first + " with " + second, e);
    }
  }

  private static VolumeComparison compare(DeviceFile a, DeviceFile b, Background readers)
      throws IOException {
    long bytes = Math.min(a.size(), b.size());
    ChunkSet.Builder different = ChunkSet.builder();
    Side first = new Side(a, readers);
    Side second = new Side(b, readers);
    first.start(0, bytes);
    second.start(0, bytes);
    for (long at = 0; at < bytes; at += RANGE_BYTES) {
      ByteBuffer left = first.take();
      ByteBuffer right = second.take();
      first.start(at + RANGE_BYTES, bytes);
      second.start(at + RANGE_BYTES, bytes);
      addDifferences(at / BLOCK_BYTES, left, right, different);
    }
    return new VolumeComparison(a.size(), b.size(), different.build());
  }

  private static void addDifferences(
      long block, ByteBuffer left, ByteBuffer right, ChunkSet.Builder different) {
    int differs = left.mismatch(right);
    int at = 0;
    while (differs >= 0) {
      at = (at + differs) / BLOCK_BYTES * BLOCK_BYTES;
      different.add(block + at / BLOCK_BYTES);
      at = Math.min(at + BLOCK_BYTES, left.limit());
      differs = left.position(at).mismatch(right.position(at));
    }
  }

  /** Same size, and no block differs. */
  public boolean isEqual() {
    return firstBytes == secondBytes && different.size() == 0;
  }

  /** One of the two, read a range ahead. */
  private static final class Side {

    private final DeviceFile file;
    private final Background readers;
    private ByteBuffer free = ByteBuffer.allocateDirect(RANGE_BYTES);
    private ByteBuffer filling = ByteBuffer.allocateDirect(RANGE_BYTES);
    private Future<?> read = CompletableFuture.completedFuture(null);

    Side(DeviceFile file, Background readers) {
      this.file = file;
      this.readers = readers;
    }

    /** Begins to read the range at {@code position}, if there is one. */
    void start(long position, long end) {
      if (position < end) {
        ByteBuffer range = filling.clear().limit((int) Math.min(RANGE_BYTES, end - position));
        read =
            readers.start(
                () -> {
                  file.read(position, range);
                  return range;
                });
      }
    }

    /** What was read last; valid until the next range but one. */
    ByteBuffer take() throws IOException {
      Background.join(read);
      ByteBuffer filled = filling.flip();
      filling = free;
      free = filled;
      return filled;
    }
  }
}
