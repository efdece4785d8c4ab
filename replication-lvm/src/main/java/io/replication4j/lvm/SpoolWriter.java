package io.replication4j.lvm;

import io.replication4j.spi.KeptStream;
import io.replication4j.spi.KeptWindows;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Writes an increment as it is spooled: the pieces, and the word that ends them, in frames. What is
 * there already is left out.
 */
final class SpoolWriter implements VolumeWriter {

  private final Frames frames;
  private final OutputStream spool;
  private final PieceWriter pieces;
  private final LongConsumer found;
  private final Optional<KeptWindows> windows;
  private long taken;
  private long equal;
  private long told;

  /**
   * @param bytes the size of the image; what lies behind is not written
   */
  SpoolWriter(OutputStream out, long bytes) {
    this.frames = new Frames(out);
    this.spool = frames;
    this.pieces = new PieceWriter(spool, bytes);
    this.found = count -> {};
    this.windows = Optional.empty();
  }

  /**
   * @param found hears of bytes that were sent and are there
   * @param bytes the size of the image; what lies behind is not written
   */
  SpoolWriter(KeptWindows windows, LongConsumer found, OutputStream out, long bytes) {
    this.frames = new Frames(out);
    this.found = found;
    this.windows = Optional.of(windows);
    this.spool =
        new KeptStream(
            windows,
            this::hear,
            kept -> {
              Arrival.say(out, "from", kept);
              return frames;
            });
    this.pieces = new PieceWriter(spool, bytes);
  }

  /** What was sent is less than its spool: there is a line before each piece. */
  private void hear(long count) {
    equal += count;
    long sent = Math.min(equal, taken);
    found.accept(sent - told);
    told = sent;
  }

  void say(Object... words) throws IOException {
    Arrival.say(spool, words);
  }

  @Override
  public void write(long position, ByteBuffer data) throws IOException {
    taken += data.remaining();
    pieces.write(position, data);
  }

  @Override
  public void finish() throws IOException {
    pieces.finish();
    say("end");
    frames.close(windows.map(KeptWindows::compared).orElse(0L));
  }

  @Override
  public void cut() throws IOException {
    frames.flush();
  }
}
