package io.replication4j.command.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real ssh-agent on a socket of its own. */
final class SshAgent implements AutoCloseable {

  private final Path socket;
  private final Process process;

  private SshAgent(Path socket, Process process) {
    this.socket = socket;
    this.process = process;
  }

  static SshAgent start(Path socket) throws IOException {
    Process process =
        new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
            .redirectErrorStream(true)
            .start();
    InputStream output = process.getInputStream();
    output.read(); // it speaks when it listens
    if (!Files.exists(socket)) {
      process.destroy();
      throw new IOException("ssh-agent does not listen on " + socket);
    }
    return new SshAgent(socket, process);
  }

  Path socket() {
    return socket;
  }

  void add(Path identity) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("ssh-add", "-q", identity.toString()).redirectErrorStream(true);
    builder.environment().put("SSH_AUTH_SOCK", socket.toString());
    Process add = builder.start();
    String output = new String(add.getInputStream().readAllBytes());
    if (add.waitFor() != 0) {
      throw new IOException("ssh-add failed: " + output);
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
