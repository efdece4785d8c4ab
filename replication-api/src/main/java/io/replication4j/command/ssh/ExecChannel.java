package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionLostException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.LocalWindow;
import org.apache.sshd.common.util.buffer.Buffer;

/**
 * An exec channel that tells an orderly end from a broken connection: the exit status is what the
 * peer sent or there is none, and the end of the output is what the peer said or it is a failure.
 */
final class ExecChannel extends ChannelExec {

  /** Names of RFC 4254, section 6.10, with their numbers of POSIX, kill(1). */
  private static final Map<String, Integer> SIGNALS =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ILL", 4),
          Map.entry("ABRT", 6),
          Map.entry("FPE", 8),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("SEGV", 11),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15));

  private final OutputQueue output = new OutputQueue(this::release);
  private final RemoteErrors errors = new RemoteErrors();
  private final CompletableFuture<Integer> end = new CompletableFuture<>();
  private final Supplier<ConnectionLostException> lost;
  private volatile boolean closedByPeer;

  /**
   * @param text what the peer's login shell is to run
   * @param lost makes the exception for an end without a status
   */
  ExecChannel(String text, Supplier<ConnectionLostException> lost) {
    super(text, StandardCharsets.UTF_8, null, Map.of());
    this.lost = lost;
    setOut(
        OutputStream
            .nullOutputStream()); // ours are below: these only keep the superclass from making
    // pipes
    setErr(OutputStream.nullOutputStream());
    addCloseFutureListener(future -> settle());
  }

  OutputQueue output() {
    return output;
  }

  RemoteErrors errors() {
    return errors;
  }

  /**
   * The exit status; fails with {@link ConnectionLostException} when the connection broke before
   * the peer sent one.
   */
  CompletableFuture<Integer> end() {
    return end;
  }

  /** The exit status as far as the peer has sent it, whether or not its streams have ended. */
  OptionalInt statusSoFar() {
    Integer status = getExitStatus();
    if (status != null) {
      return OptionalInt.of(status);
    }
    String signal = getExitSignal();
    return signal == null
        ? OptionalInt.empty()
        : OptionalInt.of(128 + SIGNALS.getOrDefault(signal, 0));
  }

  /**
   * Asks the server to pass SIGTERM on, RFC 4254, section 6.9. OpenSSH does so from 7.9 on, except
   * for root.
   */
  void requestTermination() throws IOException {
    Buffer request = request("signal");
    request.putString("TERM");
    writePacket(request);
  }

  /**
   * Says that nobody reads the command's output any more, so that the server closes it: the command
   * meets a broken pipe. OpenSSH's PROTOCOL, section 2.1; other servers pass over it.
   */
  void refuseOutput() throws IOException {
    output.close();
    writePacket(request("eow@openssh.com"));
  }

  /** A channel request that wants no answer. */
  private Buffer request(String type) {
    Buffer request = getSession().createBuffer(SshConstants.SSH_MSG_CHANNEL_REQUEST, Long.SIZE);
    request.putUInt(getRecipient());
    request.putString(type);
    request.putBoolean(false);
    return request;
  }

  @Override
  protected void doWriteData(byte[] data, int offset, long length) throws IOException {
    output.add(data, offset, (int) length);
  }

  @Override
  protected void doWriteExtendedData(byte[] data, int offset, long length) throws IOException {
    errors.write(data, offset, (int) length);
    release(length);
  }

  private void release(long bytes) throws IOException {
    LocalWindow window = getLocalWindow();
    if (window.isOpen() && bytes > 0) {
      window.release(bytes);
    }
  }

  @Override
  public void handleEof() throws IOException {
    super.handleEof();
    output.finish();
  }

  @Override
  public void handleClose() throws IOException {
    closedByPeer = true;
    super.handleClose(); // answers first: until then, the channel counts at the peer
    settle();
  }

  private void settle() {
    OptionalInt status = statusSoFar();
    errors.finish();
    if (closedByPeer && status.isPresent()) {
      output.finish();
    }
    Optional<ConnectionLostException> loss =
        end.isDone() ? Optional.empty() : Optional.of(lost.get());
    loss.ifPresent(output::fail);
    if (status.isPresent()) {
      end.complete(status.getAsInt());
    } else {
      loss.ifPresent(end::completeExceptionally);
    }
  }
}
