package io.replication4j.lvm;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a volume's content as {@link LvmCommands#RECEIVE_SCRIPT} and {@link ImageScripts#RECEIVE}
 * reads it: runs of data, and where long runs of zeroes are, in the data or because nothing was
 * sent, the word that makes them. Memory is one run.
 */
final class ImageWriter implements VolumeWriter {

  private static final int BLOCK = 64 << 10;
  private static final int LONGEST_RUN = 4 << 20;

  /** Shorter runs of zeroes are sent as data: a process there costs more. */
  private static final int SHORTEST_HOLE = 1 << 20;

  private static final byte[] ZEROES = new byte[BLOCK];

  private final OutputStream out;
  private final long bytes;
  private final byte[] run = new byte[LONGEST_RUN];
  private int length;

  /** Everything before it was written, or waits in the run that ends there. */
  private long dataEnd;

  /** From {@code dataEnd} to here there are zeroes. */
  private long zeroEnd;

  /**
   * @param bytes the size of the volume; what lies behind is not written
   */
  ImageWriter(OutputStream out, long bytes) {
    this(out, bytes, 0);
  }

  /**
   * @param bytes the size of the volume; what lies behind is not written
   * @param start where it begins: what is before is there already
   */
  ImageWriter(OutputStream out, long bytes, long start) {
    this.out = out;
    this.bytes = bytes;
    this.dataEnd = start;
    this.zeroEnd = start;
  }

  /** Positions ascend; between them are zeroes. */
  @Override
  public void write(long position, ByteBuffer data) throws IOException {
    zeroEnd = Math.max(zeroEnd, Math.min(position, bytes));
    byte[] block = new byte[BLOCK];
    while (data.hasRemaining() && zeroEnd < bytes) {
      int size = (int) Math.min(Math.min(BLOCK, data.remaining()), bytes - zeroEnd);
      data.get(block, 0, size);
      if (Arrays.equals(block, 0, size, ZEROES, 0, size)) {
        zeroEnd += size;
      } else {
        append(block, size);
      }
    }
  }

  private void append(byte[] block, int size) throws IOException {
    long hole = zeroEnd - dataEnd;
    if (hole < SHORTEST_HOLE && length > 0 && length + hole + size <= LONGEST_RUN) {
      Arrays.fill(run, length, length + (int) hole, (byte) 0);
      length += (int) hole;
    } else {
      flush();
      zero();
    }
    System.arraycopy(block, 0, run, length, size);
    length += size;
    zeroEnd += size;
    dataEnd = zeroEnd;
    if (length == LONGEST_RUN) {
      flush();
    }
  }

  private void flush() throws IOException {
    if (length > 0) {
      say("data " + (dataEnd - length) + " " + length);
      out.write(run, 0, length);
      length = 0;
    }
  }

  private void zero() throws IOException {
    if (zeroEnd > dataEnd) {
      say("zero " + dataEnd + " " + (zeroEnd - dataEnd));
      dataEnd = zeroEnd;
    }
  }

  @Override
  public void cut() throws IOException {
    flush();
    out.flush();
  }

  /** What was not spoken of up to the end of the volume is zero. */
  @Override
  public void finish() throws IOException {
    flush();
    zeroEnd = bytes;
    zero();
  }

  private void say(String line) throws IOException {
    out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
