package io.replication4j.testing;

import io.replication4j.command.RunningCommand;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * A fake command under way: a sender, whose stream is ready from the start, or a receiver, which
 * acts when its input ends.
 */
public final class FakeProcess implements RunningCommand {

  private static final int SIGPIPE = 141;

  /** How it ended. */
  public record End(int exitStatus, String errorTail) {}

  private final ByteArrayInputStream output;
  private final Input input;
  private final boolean sends;
  private final Function<byte[], End> atEnd;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile End end = new End(0, "");

  private FakeProcess(boolean sends, byte[] output, Function<byte[], End> atEnd) {
    this.sends = sends;
    this.output = new ByteArrayInputStream(output);
    this.input = new Input();
    this.atEnd = atEnd;
  }

  /** A sender that succeeds once its whole stream was read. */
  public static FakeProcess sending(byte[] stream) {
    return new FakeProcess(true, stream, bytes -> new End(SIGPIPE, ""));
  }

  /** One that writes this, and has ended. */
  public static FakeProcess ended(byte[] output, End end) {
    FakeProcess process = new FakeProcess(false, output, bytes -> end);
    process.end();
    return process;
  }

  /** A receiver that hands what it was given to {@code receive} when its input ends. */
  public static FakeProcess receiving(Function<byte[], End> receive) {
    return new FakeProcess(false, new byte[0], receive);
  }

  private synchronized void end() {
    if (ended.getCount() > 0) {
      end = atEnd.apply(input.toByteArray());
      ended.countDown();
    }
  }

  @Override
  public OutputStream stdin() {
    return input;
  }

  @Override
  public InputStream stdout() {
    return output;
  }

  @Override
  public String errorTail() {
    return end.errorTail();
  }

  @Override
  public int waitFor() throws InterruptedException {
    if (sends && output.available() == 0) {
      return 0;
    }
    ended.await();
    return end.exitStatus();
  }

  /** Killed before its end, a receiver keeps what a real one keeps of a stream that was cut. */
  @Override
  public void close() {
    end();
  }

  /** What a receiver reads. */
  private final class Input extends ByteArrayOutputStream {

    @Override
    public void close() throws IOException {
      super.close();
      if (!sends) {
        end();
      }
    }
  }
}
