package io.replication4j.btrfs.testing;

import io.replication4j.command.RunningCommand;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * A {@code btrfs send} or {@code btrfs receive} under way. A receiver acts when its input ends, or
 * when it is killed.
 */
final class FakeStream implements RunningCommand {

  private static final int SIGPIPE = 141;

  private final InputStream output;
  private final Consumer<byte[]> receiver;
  private final boolean receives;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Input input = new Input();
  private int status;
  private String errors = "";

  private FakeStream(byte[] output, boolean receives, Consumer<byte[]> receiver) {
    this.output = new ByteArrayInputStream(output);
    this.receives = receives;
    this.receiver = receiver;
  }

  static FakeStream sending(byte[] stream) {
    return new FakeStream(stream, false, bytes -> {});
  }

  static FakeStream receiving(Consumer<byte[]> receiver) {
    return new FakeStream(new byte[0], true, receiver);
  }

  /** Sends that much, and then refuses to go on. */
  static FakeStream refused(byte[] before, FakeRefusal refusal) {
    FakeStream stream = sending(before);
    stream.end(refusal.status(), refusal.words());
    return stream;
  }

  private synchronized void end(int newStatus, String words) {
    if (ended.getCount() > 0) {
      status = newStatus;
      errors = words;
      ended.countDown();
    }
  }

  /** What was received takes effect once. */
  private synchronized void finish() {
    if (ended.getCount() == 0) {
      return;
    }
    try {
      receiver.accept(input.toByteArray());
      end(0, "");
    } catch (FakeRefusal e) {
      end(e.status(), e.words());
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
  public synchronized String errorTail() {
    return errors;
  }

  @Override
  public int waitFor() throws InterruptedException {
    if (!receives && isDrained()) {
      end(0, "");
    }
    ended.await();
    synchronized (this) {
      return status;
    }
  }

  private boolean isDrained() {
    try {
      return output.available() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    if (receives) {
      finish();
    } else {
      end(isDrained() ? 0 : SIGPIPE, "");
    }
  }

  /** What a receiver reads. */
  private final class Input extends ByteArrayOutputStream {

    @Override
    public void close() throws IOException {
      super.close();
      if (receives) {
        finish();
      }
    }
  }
}
