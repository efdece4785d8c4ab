package io.replication4j.btrfs;

import io.replication4j.command.RunningCommand;
import io.replication4j.spi.KeptStream;
import io.replication4j.spi.KeptWindows;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Takes a stream from its beginning, and passes on to the spool what is not there yet. */
final class SpooledReceive implements RunningCommand {

  /** Starts what writes to the spool, behind so many bytes that stay. */
  interface Writer {
    RunningCommand start(long kept) throws InterruptedException;
  }

  private final KeptWindows windows;
  private final Writer writer;
  private final Input input;
  private volatile Optional<RunningCommand> writing = Optional.empty();
  private volatile boolean closed;

  /**
   * @param found hears of bytes that need not be moved
   * @param whole hears the length of the stream, when it ends
   */
  SpooledReceive(KeptWindows windows, Writer writer, LongConsumer found, LongConsumer whole) {
    this.windows = windows;
    this.writer = writer;
    this.input = new Input(new KeptStream(windows, found, this::spool), whole);
  }

  private OutputStream spool(long kept) throws InterruptedException {
    RunningCommand started = writer.start(kept);
    writing = Optional.of(started);
    if (closed) {
      started.close();
    }
    return started.stdin();
  }

  @Override
  public OutputStream stdin() {
    return input;
  }

  @Override
  public InputStream stdout() {
    return InputStream.nullInputStream();
  }

  @Override
  public String errorTail() {
    return writing.map(RunningCommand::errorTail).orElse("");
  }

  /** With status 0 too if nothing had to be written. */
  @Override
  public int waitFor() throws InterruptedException {
    return writing.isPresent() ? writing.get().waitFor() : 0;
  }

  @Override
  public void close() {
    closed = true;
    windows.close();
    writing.ifPresent(RunningCommand::close);
  }

  /** Counts. */
  private static final class Input extends FilterOutputStream {

    private final LongConsumer whole;
    private long length;

    Input(KeptStream stream, LongConsumer whole) {
      super(stream);
      this.whole = whole;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      out.write(bytes, offset, count);
      length += count;
    }

    /** An empty stream is left for whoever reads the spool to refuse. */
    @Override
    public void close() throws IOException {
      whole.accept(length);
      out.close();
    }
  }
}
