package io.replication4j.command.ssh;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.apache.sshd.agent.common.AbstractAgentProxy;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/**
 * An ssh-agent behind a UNIX socket: it lists its keys and signs with them, and never gives one
 * away.
 */
final class AgentClient extends AbstractAgentProxy {

  private static final int MAX_ANSWER = 256 << 10;

  private final SocketChannel channel;

  private AgentClient(SocketChannel channel) {
    super(null);
    this.channel = channel;
  }

  static AgentClient connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new AgentClient(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  protected synchronized Buffer request(Buffer buffer) throws IOException {
    ByteBuffer question = ByteBuffer.wrap(buffer.array(), buffer.rpos(), buffer.available());
    while (question.hasRemaining()) {
      channel.write(question);
    }
    int length = read(Integer.BYTES).getInt();
    if (length < 1 || length > MAX_ANSWER) {
      throw new IOException("ssh-agent gave an answer of " + length + " bytes");
    }
    return new ByteArrayBuffer(read(length).array());
  }

  private ByteBuffer read(int length) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(length);
    while (answer.hasRemaining()) {
      if (channel.read(answer) < 0) {
        throw new EOFException("ssh-agent closed the connection");
      }
    }
    return answer.flip();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
