package io.replication4j.lvm;

import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what changed in a volume as {@link ThinCommands#RECEIVE_SCRIPT} reads it. Scattered pieces
 * are lined up, so that they are one write there. Memory is one such write.
 */
final class PatchWriter extends SparseWriter {

  private static final int BLOCK = 64 << 10;
  private static final int MOST_BYTES = 4 << 20;
  private static final int MOST_PIECES = 256;

  private static final CowGeometry SECTORS = new CowGeometry(CowGeometry.SECTOR_BYTES);

  private final OutputStream out;
  private final String device;
  private final List<ChunkRange> pieces = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  PatchWriter(OutputStream out, String device) {
    super(out, Long.MAX_VALUE, BLOCK);
    this.out = out;
    this.device = device;
  }

  @Override
  void append(long at, byte[] block, int size) throws IOException {
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

  @Override
  void flush() throws IOException {
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
}
