package io.replication4j.testing;

import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A running command whose streams break where the script says. */
final class FaultyStream implements RunningCommand {

  private final RunningCommand delegate;
  private final FaultScript script;
  private final String host;
  private final CutInput stdout;
  private final CutOutput stdin;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean lost;

  FaultyStream(RunningCommand delegate, FaultScript script, String host) {
    this.delegate = delegate;
    this.script = script;
    this.host = host;
    this.stdout = new CutInput(delegate.stdout());
    this.stdin = new CutOutput(delegate.stdin());
    script.opened(this);
  }

  /**
   * What happens to the command when the program that holds its streams dies: a receiver sees the
   * end of its input.
   */
  void orphan() {
    if (stdin.number != 0) {
      try {
        delegate.stdin().close();
        delegate.stdout().transferTo(OutputStream.nullOutputStream()); // it would wait to be read
        delegate.waitFor();
      } catch (IOException | ConnectionLostException e) {
        // it ended before
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    delegate.close();
  }

  @Override
  public OutputStream stdin() {
    return stdin;
  }

  @Override
  public InputStream stdout() {
    return stdout;
  }

  @Override
  public String errorTail() {
    return delegate.errorTail();
  }

  @Override
  public int waitFor() throws InterruptedException {
    script.requireAlive();
    if (lost) {
      throw new ConnectionLostException("connection to " + host + " lost (simulated)", null);
    }
    int status = delegate.waitFor();
    script.requireAlive();
    return status;
  }

  @Override
  public void close() {
    closed.countDown();
    delegate.close();
    script.closed(this);
  }

  private void lose() {
    lost = true;
    delegate.close();
  }

  /** Delivers what comes before the cut, then fails. */
  private final class CutInput extends InputStream {

    private final InputStream in;
    private Optional<Fault.CutSender> cut = Optional.empty();
    private Optional<Fault.StallSender> stall = Optional.empty();
    private int number;
    private long passed;

    CutInput(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      script.requireAlive();
      if (length == 0) {
        return 0;
      }
      if (cut.filter(c -> passed >= c.bytes()).isPresent()) {
        throw fail(cut.get());
      }
      if (stall.filter(s -> passed >= s.bytes()).isPresent()) {
        awaitClose();
      }
      int wanted = cut.map(c -> (int) Math.min(length, c.bytes() - passed)).orElse(length);
      int got = in.read(buffer, offset, wanted);
      if (got > 0 && number == 0) {
        got = begin(got);
      }
      if (got > 0) {
        passed += got;
        script.sent(number, passed);
      }
      return got;
    }

    private int begin(int got) {
      number = script.newSender();
      cut = script.ahead(Fault.CutSender.class, Fault.CutSender::number, number);
      if (cut.filter(c -> c.bytes() == 0).isPresent()) {
        throw fail(cut.get());
      }
      stall = script.take(Fault.StallSender.class, Fault.StallSender::number, number);
      return cut.map(c -> (int) Math.min(got, c.bytes())).orElse(got);
    }

    private void awaitClose() throws IOException {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("closed after it stalled (simulated)");
    }

    private RuntimeException fail(Fault.CutSender fault) {
      RuntimeException failure =
          script.strike(fault.kind(), "in stream " + number + " after " + passed + " bytes");
      lose();
      return failure;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** Passes on what comes before the cut, then kills the command; the writer sees a broken pipe. */
  private final class CutOutput extends FilterOutputStream {

    private Optional<Fault.CutReceiver> cut = Optional.empty();
    private int number;
    private long passed;

    CutOutput(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      script.requireAlive();
      if (number == 0) {
        number = script.newReceiver();
        cut = script.ahead(Fault.CutReceiver.class, Fault.CutReceiver::number, number);
      }
      int allowed = cut.map(c -> (int) Math.min(length, c.bytes() - passed)).orElse(length);
      out.write(buffer, offset, allowed);
      passed += allowed;
      script.received(number, passed);
      breakIfCut(allowed < length);
    }

    private void breakIfCut(boolean more) throws IOException {
      if (cut.isPresent() && (more || lost)) {
        out.flush();
        script.hit();
        lose();
        throw new IOException("Broken pipe (simulated, after " + passed + " bytes)");
      }
    }

    @Override
    public void close() throws IOException {
      script.requireAlive();
      breakIfCut(cut.filter(c -> passed >= c.bytes()).isPresent());
      out.close();
    }
  }
}
