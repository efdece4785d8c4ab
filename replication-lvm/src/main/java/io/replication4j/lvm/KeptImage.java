package io.replication4j.lvm;

import io.replication4j.spi.KeptWindows;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Compares a volume's content, from its beginning, with what a volume that is kept holds; from the
 * first window that differs on it writes. What is not spoken of is zero.
 */
final class KeptImage implements VolumeWriter {

  private final KeptWindows windows;
  private final LongConsumer found;
  private final OutputStream out;
  private final long bytes;
  private final byte[] window = new byte[KeptWindows.BYTES];
  private Optional<ImageWriter> writer = Optional.empty();
  private int filled;

  /** How much of the window was sent. */
  private int sent;

  /**
   * @param found hears of bytes that were sent and are kept
   * @param bytes the size of the volume
   */
  KeptImage(KeptWindows windows, LongConsumer found, OutputStream out, long bytes) {
    this.windows = windows;
    this.found = found;
    this.out = out;
    this.bytes = bytes;
  }

  @Override
  public void write(long position, ByteBuffer data) throws IOException {
    try {
      zeroTo(Math.min(position, bytes));
      while (writer.isEmpty() && data.hasRemaining() && end() < bytes) {
        int count = Math.min(data.remaining(), windows.next() - filled);
        data.get(window, filled, count);
        sent += count;
        fill(count);
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
    if (writer.isPresent()) {
      writer.get().write(Math.max(position, end()), data);
    }
  }

  private long end() {
    return windows.compared() + filled;
  }

  private void zeroTo(long position) throws IOException, InterruptedException {
    while (writer.isEmpty() && end() < position) {
      int count = (int) Math.min(position - end(), windows.next() - filled);
      Arrays.fill(window, filled, filled + count, (byte) 0);
      fill(count);
    }
  }

  private void fill(int count) throws IOException, InterruptedException {
    filled += count;
    if (filled < windows.next()) {
      return;
    }
    if (windows.holds(window)) {
      found.accept(sent);
      filled = 0;
      sent = 0;
    } else {
      windows.close();
      ImageWriter rest = new ImageWriter(out, bytes, windows.compared());
      rest.write(windows.compared(), ByteBuffer.wrap(window, 0, filled));
      writer = Optional.of(rest);
    }
  }

  @Override
  public void finish() throws IOException {
    try {
      zeroTo(bytes);
    } catch (InterruptedException e) {
      throw interrupted();
    }
    if (writer.isPresent()) {
      writer.get().finish();
    }
  }

  @Override
  public void cut() throws IOException {
    if (writer.isPresent()) {
      writer.get().cut();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while what was kept is compared");
  }
}
