package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionLostException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;

/** Standard input of a remote command; says whether the command or the connection went away. */
final class RemoteStdin extends OutputStream {

  private final ExecChannel channel;
  private final OutputStream stream;
  private final Supplier<ConnectionLostException> lost;

  RemoteStdin(ExecChannel channel, Supplier<ConnectionLostException> lost) {
    this.channel = channel;
    this.stream = channel.getInvertedIn();
    this.lost = lost;
  }

  private interface Action {
    void run() throws IOException;
  }

  private void attempt(Action action) throws IOException {
    try {
      action.run();
    } catch (IOException e) {
      if (channel.getSession().isOpen() || channel.statusSoFar().isPresent()) {
        throw e;
      }
      ConnectionLostException loss = lost.get();
      loss.addSuppressed(e);
      throw loss;
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    attempt(() -> stream.write(bytes, offset, length));
  }

  @Override
  public void flush() throws IOException {
    attempt(stream::flush);
  }

  @Override
  public void close() throws IOException {
    attempt(stream::close);
  }
}
