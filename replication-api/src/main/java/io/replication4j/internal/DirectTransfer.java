package io.replication4j.internal;

import io.replication4j.Side;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.Quoting;
import io.replication4j.command.RunningCommand;
import io.replication4j.command.SshDestination;
import io.replication4j.spi.StorageBackend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Moves one stream without passing through this JVM: the source's host runs ssh(1) to the target's,
 * with the keys and the known hosts that it has; or, where both are one host, a pipe there. Both
 * exit statuses come back; dd(1) counts the bytes on the way, once a second. When nobody listens to
 * it any more, because this JVM or the connection is gone, it ends, and the stream with it.
 */
final class DirectTransfer {

  // Constant; everything that varies is an argument. After those that each script takes for itself
  // comes the sending command.
  private static final String SEND =
      "exec 3>&1; { { \"$@\"; echo \"send $?\" >&3; } | dd bs=131072 status=progress; } | ";
  private static final String RECEIVED = " >&2; echo \"receive $?\" >&3";

  /** Port, destination, what the target runs (one word, quoted for its login shell). */
  private static final String BY_SSH =
      "# a stream to another host\nport=$1 to=$2 remote=$3; shift 3; "
          + SEND
          + "ssh -o BatchMode=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -p \"$port\""
          + " -- \"$to\" \"$remote\""
          + RECEIVED;

  /** What receives (one word, quoted for the shell). */
  private static final String BY_PIPE =
      "# a stream within a host\nreceive=$1; shift; " + SEND + "sh -c \"$receive\"" + RECEIVED;

  private static final Pattern STATUSES =
      Pattern.compile("(?:send (\\d{1,3})\\R)?receive (\\d{1,3})\\R?");

  private static final Pattern COUNTED = Pattern.compile("(\\d{1,18}) bytes");

  /**
   * ssh(1): "exits with the exit status of the remote command or with 255 if an error occurred".
   */
  private static final int SSH_ERROR = 255;

  private final StorageBackend source;
  private final Command send;
  private final StorageBackend target;
  private final Command receive;
  private final Optional<Command> flush;
  private final Duration stallTimeout;
  private final LongConsumer progress;

  /**
   * @param flush what brings to disk on the target what has arrived there
   */
  DirectTransfer(
      StorageBackend source,
      Command send,
      StorageBackend target,
      Command receive,
      Optional<Command> flush,
      Duration stallTimeout,
      LongConsumer progress) {
    this.source = source;
    this.send = send;
    this.target = target;
    this.receive = receive;
    this.flush = flush;
    this.stallTimeout = stallTimeout;
    this.progress = progress;
  }

  /**
   * Checks, before anything is done, that a stream can go from host to host, if the pair's are to.
   *
   * @throws UnsupportedException if this program has to make, read or compare it, or if the
   *     source's host cannot be told how to reach the target
   */
  static void requirePossible(PairContext pair) {
    if (pair.policy().route() == Route.DIRECT) {
      requirePossible(pair.backend(Side.SOURCE), pair.backend(Side.TARGET));
    }
  }

  private static void requirePossible(StorageBackend source, StorageBackend target) {
    source.requireDirect(Side.SOURCE);
    target.requireDirect(Side.TARGET);
    if (!onOneHost(source, target)) {
      destination(source, target);
    }
  }

  /**
   * What the source's host will run.
   *
   * @throws UnsupportedException if that host cannot be told how to reach the target
   */
  static Command command(
      StorageBackend source, Command send, StorageBackend target, Command receive) {
    requirePossible(source, target);
    List<String> receiving = target.runner().words(receive);
    return send.runBy(
        onOneHost(source, target)
            ? List.of("sh", "-c", BY_PIPE, "sh", Quoting.quote(receiving))
            : bySsh(destination(source, target), receiving));
  }

  /** As the same user too: what receives would run as the one who sends. */
  private static boolean onOneHost(StorageBackend source, StorageBackend target) {
    return source.runner().host().equals(target.runner().host())
        && source.runner().destination().equals(target.runner().destination());
  }

  private static List<String> bySsh(SshDestination to, List<String> receiving) {
    return List.of(
        "sh",
        "-c",
        BY_SSH,
        "sh",
        Integer.toString(to.port()),
        to.user() + "@" + to.host(),
        "env LC_ALL=C " + Quoting.quote(receiving));
  }

  private static SshDestination destination(StorageBackend source, StorageBackend target) {
    return target
        .runner()
        .destination()
        .orElseThrow(
            () ->
                new UnsupportedException(
                    source.runner().host()
                        + " cannot send to "
                        + target.runner().host()
                        + " directly: that host is not reached by SSH from here; use"
                        + " route=THROUGH_HERE",
                    null));
  }

  /** As {@link StreamTransfer#run}. */
  StreamTransfer.Outcome run() throws InterruptedException {
    long start = System.nanoTime();
    try (RunningCommand both = source.runner().start(command(source, send, target, receive))) {
      both.stdin().close();
      String statuses = watch(both);
      both.waitFor();
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      return outcome(statuses, both.errorTail(), elapsed);
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /** What the source's host says at the end. */
  private String watch(RunningCommand both) throws InterruptedException {
    try (ArrivalFlush arrivals = new ArrivalFlush(target, flush)) {
      String statuses =
          StreamTransfer.watch(source, send, target, receive, stallTimeout)
              .run(
                  () -> read(both.stdout()),
                  () -> counted(both.errorTail()),
                  bytes -> {
                    progress.accept(bytes);
                    arrivals.arrived(bytes);
                  },
                  both::close);
      arrivals.await();
      return statuses;
    }
  }

  private String read(InputStream stdout) {
    try {
      return new String(stdout.readNBytes(4096), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw lost(e);
    }
  }

  private ConnectionLostException lost(IOException e) {
    return new ConnectionLostException(
        "the sending command on " + source.runner().host() + " was lost; run again", e);
  }

  private static long counted(String errorTail) {
    Matcher matcher = COUNTED.matcher(errorTail);
    long bytes = 0;
    while (matcher.find()) {
      bytes = Long.parseLong(matcher.group(1));
    }
    return bytes;
  }

  private StreamTransfer.Outcome outcome(String statuses, String errorTail, Duration elapsed) {
    Matcher matcher = STATUSES.matcher(statuses);
    if (!matcher.matches() || matcher.group(1) == null) {
      throw new ConnectionLostException(
          send.verb() + " on " + source.runner().host() + " ended without saying how; run again",
          null);
    }
    CommandResult sent = result(matcher.group(1), errorTail, elapsed);
    CommandResult received = result(matcher.group(2), errorTail, elapsed);
    requireBoth(sent, received);
    return new StreamTransfer.Outcome(counted(errorTail), 0, sent, received);
  }

  private static CommandResult result(String status, String errorTail, Duration elapsed) {
    return new CommandResult(Integer.parseInt(status), "", errorTail, elapsed);
  }

  /** A sender whose reader is gone fails too: the receiver's word comes first. */
  private void requireBoth(CommandResult sent, CommandResult received) {
    if (received.exitStatus() == SSH_ERROR && !onOneHost(source, target)) {
      throw new ConnectionLostException(
          source.runner().host()
              + " could not reach "
              + target.runner().host()
              + " by ssh, or lost it: "
              + received.errorTail()
              + " (try there: ssh "
              + target.runner().destination().orElseThrow()
              + " true)",
          null);
    }
    if (!received.succeeded()) {
      throw target.failure(receive, received);
    }
    if (!sent.succeeded()) {
      throw source.failure(send, sent);
    }
  }
}
