package io.replication4j.command.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.sshd.common.channel.RequestHandler;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/**
 * Runs what a client asks for in a shell on this machine, as an SSH server does: in a session of
 * its own.
 */
final class LocalExec implements Command {

  private final String text;
  private Optional<Process> shell = Optional.empty();
  private InputStream in = InputStream.nullInputStream();
  private OutputStream out = OutputStream.nullOutputStream();
  private OutputStream err = OutputStream.nullOutputStream();
  private ExitCallback callback = (status, message, immediately) -> {};

  LocalExec(String text) {
    this.text = text;
  }

  @Override
  public void setInputStream(InputStream newIn) {
    in = newIn;
  }

  @Override
  public void setOutputStream(OutputStream newOut) {
    out = newOut;
  }

  @Override
  public void setErrorStream(OutputStream newErr) {
    err = newErr;
  }

  @Override
  public void setExitCallback(ExitCallback newCallback) {
    callback = newCallback;
  }

  @Override
  public void start(ChannelSession channel, Environment environment) throws IOException {
    Process process =
        new ProcessBuilder("setsid", "/bin/sh", "-c", "eval \"$(printf '" + octal(text) + "')\"")
            .start();
    shell = Optional.of(process);
    channel.addRequestHandler((c, type, wantReply, buffer) -> refuseOutput(process, type));
    thread(() -> copy(in, process.getOutputStream()));
    Thread errors = thread(() -> copy(process.getErrorStream(), err));
    thread(() -> serve(process, errors));
  }

  /** As OpenSSH does, when the client says so. */
  private static RequestHandler.Result refuseOutput(Process process, String type)
      throws IOException {
    if (!type.equals("eow@openssh.com")) {
      return RequestHandler.Result.Unsupported;
    }
    process.getInputStream().close();
    return RequestHandler.Result.Replied;
  }

  /** Independent of the JVM's locale, which may lack characters that the text has. */
  private static String octal(String text) {
    StringBuilder escapes = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      escapes.append(String.format("\\%03o", b & 0xff));
    }
    return escapes.toString();
  }

  private void serve(Process process, Thread errors) throws IOException, InterruptedException {
    copy(process.getInputStream(), out);
    int status = process.waitFor();
    errors.join();
    callback.onExit(status);
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[32 << 10];
    try (to) {
      for (int count; (count = from.read(buffer)) >= 0; ) {
        to.write(buffer, 0, count);
        to.flush();
      }
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static Thread thread(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                // the other end of a pipe went away, as it may
              }
            },
            "server-side");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void destroy(ChannelSession channel) {
    shell.ifPresent(Process::destroy);
  }
}
