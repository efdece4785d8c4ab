package io.replication4j.command.ssh;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.sshd.agent.SshAgent;
import org.apache.sshd.agent.SshAgentFactory;
import org.apache.sshd.agent.SshAgentServer;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the agent at each authentication; one that is not there is noted and does without.
 * Forwards nothing.
 */
final class AgentClients implements SshAgentFactory {

  private final Path socket;
  private final OfferedKeys offered;

  AgentClients(Path socket, OfferedKeys offered) {
    this.socket = socket;
    this.offered = offered;
  }

  @Override
  public @Nullable SshAgent createClient(Session session, FactoryManager manager) {
    try {
      return AgentClient.connect(socket);
    } catch (IOException e) {
      offered.note("the agent at " + socket + " cannot be reached: " + e.getMessage());
      return null;
    }
  }

  @Override
  public List<ChannelFactory> getChannelForwardingFactories(FactoryManager manager) {
    return List.of();
  }

  @Override
  public SshAgentServer createServer(ConnectionService service) throws IOException {
    throw new IOException("no agent is forwarded");
  }
}
