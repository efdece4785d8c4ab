package io.replication4j.command.ssh;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.Completion;
import io.replication4j.command.ConnectionFailedException;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.command.Sequence;
import io.replication4j.command.SshDestination;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.channel.exception.SshChannelOpenException;
import org.apache.sshd.common.session.ConnectionService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands on another host over SSH: one session, many channels. A second session is opened
 * only while the first one carries all the channels that the server admits; a session that was lost
 * is replaced by the next command. Thread-safe.
 *
 * <p>A command's words are quoted for the remote login shell, which has to be a POSIX shell or
 * close to one. Commands are ended with all their children by kill(1), run through the same
 * session.
 */
public final class SshCommandRunner implements CommandRunner {

  private static final Logger LOG = LoggerFactory.getLogger(SshCommandRunner.class);
  private static final Duration CHANNEL_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration ENDING = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 3;

  private final SshDestination destination;
  private final boolean direct;
  private final List<String> privilege;
  private final SessionPool pool;
  private final Set<RemoteProcess> running = ConcurrentHashMap.newKeySet();

  private SshCommandRunner(SshOptions options) {
    List<Hop> route = Hop.route(options);
    this.destination = route.get(route.size() - 1).destination();
    this.direct = route.size() == 1;
    this.privilege = options.privilege;
    this.pool = new SessionPool(Link.along(route, options));
  }

  /**
   * Connects to {@code address} with default options.
   *
   * @see #connect(SshOptions)
   * @see SshOptions#builder
   */
  public static SshCommandRunner connect(String address) throws InterruptedException {
    return connect(SshOptions.builder(address).build());
  }

  /**
   * Connects and logs in, so that a wrong setting shows now and not in the middle of something.
   *
   * @throws HostNotFoundException if the name has no address
   * @throws ConnectionRefusedException if nothing listens there
   * @throws HostUnreachableException if no answer came in time
   * @throws HostKeyUnknownException if no known_hosts file names the host
   * @throws HostKeyChangedException if the known_hosts file has another key
   * @throws AuthenticationFailedException if no key was accepted
   * @throws ConnectionFailedException for any other reason that nobody let us in
   */
  public static SshCommandRunner connect(SshOptions options) throws InterruptedException {
    SshCommandRunner runner = new SshCommandRunner(options);
    boolean connected = false;
    try {
      runner.pool.giveBack(runner.pool.take());
      connected = true;
      return runner;
    } finally {
      if (!connected) {
        runner.close();
      }
    }
  }

  /** The host's name or address, with {@code :port} where that is not 22. */
  @Override
  public String host() {
    String text = destination.toString();
    return text.substring(text.indexOf('@') + 1);
  }

  /** Where the host is, if no jump host was needed to reach it from here. */
  @Override
  public Optional<SshDestination> destination() {
    return direct ? Optional.of(destination) : Optional.empty();
  }

  @Override
  public CommandResult run(Command command) throws InterruptedException {
    return command.argumentLists().isEmpty()
        ? Completion.await(host(), privilege, command, start(command))
        : runTogether(List.of(command)).get(0);
  }

  @Override
  public List<String> words(Command command) {
    return command.argv(privilege);
  }

  @Override
  public List<CommandResult> runAll(List<Command> commands) throws InterruptedException {
    if (commands.size() < 2) {
      return CommandRunner.super.runAll(commands);
    }
    return runTogether(commands);
  }

  /** All of it has to arrive before anything of it is run: a list that is cut is another list. */
  private List<CommandResult> runTogether(List<Command> commands) throws InterruptedException {
    Sequence sequence = Sequence.of(commands, privilege);
    commands.forEach(command -> LOG.debug("{}: {}", host(), command));
    return sequence.await(host(), start(sequence.command(), List.of()));
  }

  @Override
  public RunningCommand start(Command command) throws InterruptedException {
    LOG.debug("{}: {}", host(), command);
    return start(command, privilege);
  }

  private RunningCommand start(Command command, List<String> prefix) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before " + command.verb() + " was started");
    }
    for (int attempt = 1; ; attempt++) {
      Session session = pool.take();
      Supplier<ConnectionLostException> lost = () -> lost(command, session);
      ExecChannel channel = new ExecChannel(RemoteShell.command(command, prefix), lost);
      if (opened(session, channel, attempt)) {
        return track(new RemoteProcess(channel, pid -> end(session, pid), lost), channel);
      }
    }
  }

  /** Opens the channel; false if this session cannot carry it and another one may. */
  private boolean opened(Session session, ExecChannel channel, int attempt)
      throws InterruptedException {
    try {
      register(session.session(), channel);
      channel.open().verify(CHANNEL_TIMEOUT);
      channel.addCloseFutureListener(closed -> pool.giveBack(session));
      return true;
    } catch (InterruptedIOException e) {
      abandon(session, channel);
      Thread.interrupted();
      throw new InterruptedException("interrupted while starting a command on " + host());
    } catch (IOException | IllegalStateException e) {
      if (ConnectFailure.find(e, SshChannelOpenException.class).isPresent()) {
        return tryAnother(session, e);
      }
      abandon(session, channel);
      if (!session.isOpen() && attempt < ATTEMPTS) {
        return false; // it was lost while nobody used it: nothing was run
      }
      throw new ConnectionFailedException(
          host()
              + " did not open a channel for a command: "
              + ConnectFailure.message(e)
              + " (is it overloaded?)",
          e);
    }
  }

  private void abandon(Session session, ExecChannel channel) {
    channel.close(false);
    pool.giveBack(session);
  }

  private boolean tryAnother(Session session, Exception e) {
    if (pool.refused(session)) {
      return false;
    }
    throw new ConnectionFailedException(
        host()
            + " let "
            + destination.user()
            + " in, but runs no command: "
            + ConnectFailure.message(e)
            + " (look at MaxSessions, ForceCommand and the account's shell there)",
        e);
  }

  private static void register(ClientSession session, ExecChannel channel) throws IOException {
    session.getService(ConnectionService.class).registerChannel(channel);
  }

  private RunningCommand track(RemoteProcess process, ExecChannel channel) {
    running.add(process);
    channel.addCloseFutureListener(closed -> running.remove(process));
    return process;
  }

  private ConnectionLostException lost(Command command, Session session) {
    String trouble = session.trouble().isEmpty() ? "the peer closed it" : session.trouble();
    return new ConnectionLostException(
        "the connection to "
            + host()
            + " was lost while "
            + command.verb()
            + " ran: "
            + trouble
            + " (whether it finished is not known: look again)",
        null);
  }

  private void end(Session session, long pid) {
    ExecChannel channel =
        new ExecChannel(
            RemoteShell.end(pid, privilege), () -> new ConnectionLostException("lost", null));
    try {
      register(session.session(), channel);
      channel.open().verify(ENDING);
      channel.getInvertedIn().close();
      if (channel
          .waitFor(EnumSet.of(ClientChannelEvent.CLOSED), ENDING)
          .contains(ClientChannelEvent.TIMEOUT)) {
        LOG.warn("process group {} on {} could not be ended in {}", pid, host(), ENDING);
      }
    } catch (IOException e) {
      LOG.warn("process group {} on {} could not be ended: {}", pid, host(), e.getMessage());
    } finally {
      channel.close(false);
    }
  }

  @Override
  public void close() {
    running.forEach(RemoteProcess::close);
    pool.close();
  }
}
