package io.replication4j.lvm;

import io.replication4j.spi.KeptStream;
import io.replication4j.spi.KeptWindows;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** Writes the rest of a store, of which the beginning is kept; the stream is the store. */
final class KeptStore implements VolumeWriter {

  private final KeptStream stream;

  /**
   * @param length of the stream
   */
  KeptStore(KeptWindows windows, LongConsumer found, OutputStream out, long length) {
    this.stream =
        new KeptStream(
            windows,
            found,
            kept -> {
              Arrival.say(out, "data", kept, length - kept);
              return out;
            });
  }

  @Override
  public boolean takesStream() {
    return true;
  }

  @Override
  public void stream(byte[] bytes) throws IOException {
    stream.write(bytes);
  }

  @Override
  public void write(long position, ByteBuffer data) {}

  @Override
  public void finish() {}
}
