package io.replication4j.lvm;

import com.google.common.util.concurrent.Uninterruptibles;
import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channel;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.Optional;

/**
 * A command of a host, and what this JVM makes of its streams: a thread of its own stands between
 * the command and whoever reads or writes the stream, and ends with it. What it throws is thrown
 * again where the stream ends.
 */
final class Translation implements RunningCommand {

  /** What the thread does, with its end of the pipe. */
  interface Work<C extends Channel> {
    void run(RunningCommand host, C channel) throws IOException;
  }

  private final RunningCommand host;
  private final Pipe pipe;
  private final boolean sends;
  private final Runnable atEnd;
  private final Thread thread;
  private volatile Optional<RuntimeException> failure = Optional.empty();

  private Translation(
      RunningCommand host,
      boolean sends,
      Work<Pipe.SinkChannel> writer,
      Work<Pipe.SourceChannel> reader,
      Runnable atEnd) {
    this.host = host;
    this.sends = sends;
    this.atEnd = atEnd;
    try {
      this.pipe = Pipe.open();
    } catch (IOException e) {
      host.close();
      throw new UncheckedIOException(e);
    }
    this.thread =
        sends
            ? new Thread(() -> run(writer, pipe.sink()), "replication4j-lvm-send")
            : new Thread(() -> run(reader, pipe.source()), "replication4j-lvm-receive");
    thread.setDaemon(true);
    thread.start();
  }

  /** {@code work} writes the stream. */
  static RunningCommand sending(RunningCommand host, Work<Pipe.SinkChannel> work) {
    return new Translation(host, true, work, (h, c) -> {}, () -> {});
  }

  /** {@code work} reads the stream. */
  static RunningCommand receiving(RunningCommand host, Work<Pipe.SourceChannel> work) {
    return receiving(host, work, () -> {});
  }

  /**
   * {@code work} reads the stream.
   *
   * @param atEnd is run when that is over, and to end it: more than once
   */
  static RunningCommand receiving(
      RunningCommand host, Work<Pipe.SourceChannel> work, Runnable atEnd) {
    return new Translation(host, false, (h, c) -> {}, work, atEnd);
  }

  private <C extends Channel> void run(Work<C> work, C channel) {
    try (channel;
        OutputStream stdin = host.stdin()) {
      work.run(host, channel);
      stdin.flush();
    } catch (IOException e) {
      // the command has ended, or the stream has: its exit status says why
    } catch (RuntimeException e) {
      failure = Optional.of(e);
    } finally {
      atEnd.run();
    }
  }

  @Override
  public OutputStream stdin() {
    return sends ? OutputStream.nullOutputStream() : Channels.newOutputStream(pipe.sink());
  }

  @Override
  public InputStream stdout() {
    return sends ? new Output(Channels.newInputStream(pipe.source())) : host.stdout();
  }

  @Override
  public String errorTail() {
    return host.errorTail();
  }

  @Override
  public int waitFor() throws InterruptedException {
    thread.join();
    rethrow();
    return host.waitFor();
  }

  private void rethrow() {
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  @Override
  public void close() {
    host.close();
    atEnd.run();
    try (Channel sink = pipe.sink();
        Channel source = pipe.source()) {
      // whoever waits at either end goes on
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Uninterruptibles.joinUninterruptibly(thread);
  }

  /** An end that comes from a failure is no end. */
  private final class Output extends InputStream {

    private final InputStream in;

    Output(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int got = in.read(bytes, offset, length);
      if (got < 0) {
        Uninterruptibles.joinUninterruptibly(thread);
        rethrow();
      }
      return got;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
