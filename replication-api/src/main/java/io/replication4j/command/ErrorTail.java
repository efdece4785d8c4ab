package io.replication4j.command;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Keeps the last {@value #LIMIT} bytes of what is written to it, and forgets the rest: a sink for
 * standard error that never blocks. For authors of a {@link CommandRunner}. Thread-safe.
 */
public final class ErrorTail extends OutputStream {

  /** How many bytes are kept. */
  public static final int LIMIT = 8 << 10;

  private final byte[] ring = new byte[LIMIT];
  private long total;

  @Override
  public synchronized void write(int b) {
    ring[(int) (total++ % LIMIT)] = (byte) b;
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int skipped = Math.max(0, length - LIMIT);
    total += skipped;
    for (int from = offset + skipped, end = offset + length; from < end; ) {
      int at = (int) (total % LIMIT);
      int count = Math.min(LIMIT - at, end - from);
      System.arraycopy(bytes, from, ring, at, count);
      total += count;
      from += count;
    }
  }

  /** What is kept so far, as UTF-8, without white space around it. */
  @Override
  public synchronized String toString() {
    int length = (int) Math.min(total, LIMIT);
    byte[] kept = new byte[length];
    for (int i = 0; i < length; i++) {
      kept[i] = ring[(int) ((total - length + i) % LIMIT)];
    }
    return new String(kept, StandardCharsets.UTF_8).strip();
  }
}
