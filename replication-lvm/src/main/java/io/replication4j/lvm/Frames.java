package io.replication4j.lvm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Cuts what is written to it into blocks, each after a line {@code block LENGTH}: so that a shell
 * can copy it to a file, and what comes behind is not taken for part of it. In the end it is told
 * how much it was: {@code whole LENGTH}.
 */
final class Frames extends OutputStream {

  private static final int BLOCK = 4 << 20;

  private final OutputStream out;
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private long length;

  Frames(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    block.write(bytes, offset, count);
    if (block.size() >= BLOCK) {
      send();
    }
  }

  /** What was written until now is on its way. */
  @Override
  public void flush() throws IOException {
    send();
    out.flush();
  }

  private void send() throws IOException {
    if (block.size() > 0) {
      Arrival.say(out, "block", block.size());
      block.writeTo(out);
      length += block.size();
      block.reset();
    }
  }

  /**
   * Tells how much there has to be, and leaves the stream below open.
   *
   * @param before how much was there already
   */
  void close(long before) throws IOException {
    send();
    Arrival.say(out, "whole", before + length);
  }
}
