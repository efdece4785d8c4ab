package io.replication4j.spi;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Takes a stream from its beginning, and passes on what is not kept of it. What is kept stays until
 * something differs: a stream that breaks off while it is compared costs nothing that had arrived.
 * One thread.
 */
public final class KeptStream extends OutputStream {

  /** Where the rest goes. */
  public interface Rest {

    /** Is asked once, and never if all of the stream is kept. */
    OutputStream behind(long kept) throws IOException, InterruptedException;
  }

  private final KeptWindows windows;
  private final LongConsumer found;
  private final Rest rest;
  private final byte[] window = new byte[KeptWindows.BYTES];
  private Optional<OutputStream> out = Optional.empty();
  private int filled;

  /**
   * @param found hears of bytes that are kept
   */
  public KeptStream(KeptWindows windows, LongConsumer found, Rest rest) {
    this.windows = windows;
    this.found = found;
    this.rest = rest;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    try {
      while (at < end && out.isEmpty()) {
        at += compare(bytes, at, end - at);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while what was kept is compared");
    }
    if (at < end) {
      out.orElseThrow().write(bytes, at, end - at);
    }
  }

  /** How many of the bytes it took. */
  private int compare(byte[] bytes, int offset, int length)
      throws IOException, InterruptedException {
    int next = windows.next();
    if (next == 0) {
      passOn();
      return 0;
    }
    int taken = Math.min(length, next - filled);
    System.arraycopy(bytes, offset, window, filled, taken);
    filled += taken;
    if (filled == next) {
      compareWindow();
    }
    return taken;
  }

  private void compareWindow() throws IOException, InterruptedException {
    if (windows.holds(window)) {
      found.accept(filled);
      filled = 0;
    } else {
      passOn();
    }
  }

  private void passOn() throws IOException, InterruptedException {
    windows.close();
    OutputStream opened = rest.behind(windows.compared());
    out = Optional.of(opened);
    opened.write(window, 0, filled);
  }

  @Override
  public void flush() throws IOException {
    if (out.isPresent()) {
      out.get().flush();
    }
  }

  /** Closes what takes the rest. What waits to be compared is dropped. */
  @Override
  public void close() throws IOException {
    if (out.isPresent()) {
      out.get().close();
    }
  }
}
