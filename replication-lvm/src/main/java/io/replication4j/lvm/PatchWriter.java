package io.replication4j.lvm;

import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes what changed in a volume as {@link ThinCommands#RECEIVE_SCRIPT} reads it; what is not
 * written stays as it is. Scattered pieces are lined up, so that they are one write there, and long
 * runs of zeroes are said, not sent. Memory is one such write.
 */
final class PatchWriter implements VolumeWriter {

  private static final int BLOCK = 64 << 10;
  private static final int MOST_BYTES = 4 << 20;
  private static final int MOST_PIECES = 256;

  /** Shorter runs of zeroes are sent as data: a process there costs more. */
  private static final long SHORTEST_HOLE = 1 << 20;

  private static final CowGeometry SECTORS = new CowGeometry(CowGeometry.SECTOR_BYTES);
  private static final byte[] ZEROES = new byte[BLOCK];

  private final OutputStream out;
  private final String device;
  private final List<ChunkRange> pieces = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long zeroAt;
  private long zeroes;

  PatchWriter(OutputStream out, String device) {
    this.out = out;
    this.device = device;
  }

  @Override
  public void write(long position, ByteBuffer data) throws IOException {
    long at = position;
    byte[] block = new byte[BLOCK];
    while (data.hasRemaining()) {
      int size = Math.min(BLOCK, data.remaining());
      data.get(block, 0, size);
      if (Arrays.equals(block, 0, size, ZEROES, 0, size)) {
        zero(at, size);
      } else {
        endZeroes();
        append(at, block, size);
      }
      at += size;
    }
  }

  private void zero(long at, int size) throws IOException {
    if (zeroes == 0 || at != zeroAt + zeroes) {
      endZeroes();
      zeroAt = at;
    }
    zeroes += size;
  }

  private void endZeroes() throws IOException {
    if (zeroes >= SHORTEST_HOLE) {
      flush();
      Arrival.say(out, "zero", zeroAt, zeroes);
    } else {
      for (long at = 0; at < zeroes; at += BLOCK) {
        append(zeroAt + at, ZEROES, (int) Math.min(BLOCK, zeroes - at));
      }
    }
    zeroes = 0;
  }

  private void append(long at, byte[] block, int size) throws IOException {
    if (bytes.size() + size > MOST_BYTES) {
      flush();
    }
    long first = at / CowGeometry.SECTOR_BYTES;
    long count = size / CowGeometry.SECTOR_BYTES;
    int last = pieces.size() - 1;
    if (last >= 0 && pieces.get(last).end() == first) {
      pieces.set(last, new ChunkRange(pieces.get(last).first(), pieces.get(last).count() + count));
    } else {
      if (pieces.size() == MOST_PIECES) {
        flush();
      }
      pieces.add(new ChunkRange(first, count));
    }
    bytes.write(block, 0, size);
  }

  private void flush() throws IOException {
    if (pieces.size() == 1) {
      Arrival.say(out, "data", pieces.get(0).first() * CowGeometry.SECTOR_BYTES, bytes.size());
    } else if (!pieces.isEmpty()) {
      String table = Gather.of(device, SECTORS, pieces, Long.MAX_VALUE).table();
      Arrival.say(out, "scatter", table.length(), bytes.size(), pieces.size());
      out.write(table.getBytes(StandardCharsets.US_ASCII));
    }
    bytes.writeTo(out);
    bytes.reset();
    pieces.clear();
  }

  @Override
  public void finish() throws IOException {
    endZeroes();
    flush();
  }
}
