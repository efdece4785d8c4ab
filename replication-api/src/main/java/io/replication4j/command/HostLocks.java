package io.replication4j.command;

import io.replication4j.ReplicationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Locks of one host, each of which one program at a time holds among all that ask as the same user
 * there: flock(1) on files of {@code /run/replication4j} (root), else of a directory of that user
 * in {@code /run/lock} or {@code /tmp}. One command holds them all, as long as its standard input
 * is open and something comes every 30 seconds, which this sees to. So they are gone at once with
 * {@link #close}, this JVM or the connection, and after 30 seconds if this host or the network
 * falls silent; nothing has to be cleaned up. The files, which are empty, stay. Thread-safe.
 *
 * <p>The command has the runner's privilege prefix, as every other has: {@code sh -c SCRIPT
 * replication4j-lock SECONDS NAME…}. It needs flock(1) and timeout(1), of util-linux and coreutils
 * or of BusyBox.
 */
public final class HostLocks implements AutoCloseable {

  /** What became of one lock. */
  public enum State {
    /** It is ours. */
    HELD,
    /** Somebody else holds it. */
    TAKEN,
    /** This host has no such lock to give: {@link #trouble} says why. */
    UNAVAILABLE
  }

  /** What the command is called on its host: the word in front of its arguments. */
  public static final String TITLE = "replication4j-lock";

  /**
   * Each lock is held by a shell of its own, which waits for the one that holds the next: shells
   * that are small know the descriptors 0 to 9 only; "return" keeps them from sparing the shell of
   * its own for what comes last. A directory that somebody else made first, or a link, is not used.
   */
  static final String SCRIPT =
      "s=$1; shift; u=$(id -u); d=/tmp/replication4j-$u; [ ! -w /run/lock ] ||"
          + " d=/run/lock/replication4j-$u; [ \"$u\" != 0 ] || d=/run/replication4j\n"
          + "for p in flock timeout; do command -v $p >/dev/null || { echo \"no $p(1)\" >&2; exit"
          + " 69; }; done\n"
          + "mkdir -m 700 -- \"$d\" 2>/dev/null\n"
          + "{ [ -d \"$d\" ] && [ ! -L \"$d\" ] && [ -O \"$d\" ]; } || { echo \"$d is no directory"
          + " of ours\" >&2; exit 69; }\n"
          + "hold() {\n"
          + "  [ $# -gt 0 ] || { while [ \"$(timeout \"$s\" head -c 1 9>&-)\" ]; do echo; done;"
          + " return; }\n"
          + "  f=$d/$1; shift\n"
          + "  ( if true >>\"$f\"; then exec 9>>\"$f\"; flock -n 9 9>&9; else (exit 2); fi\n"
          + "    case $? in 0) echo held;; 1) echo taken;; *) echo none;; esac; hold \"$@\" )\n"
          + "  return\n"
          + "}\n"
          + "hold \"$@\"\n";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}");
  private static final Duration TAKING = Duration.ofSeconds(60);
  private static final Duration RELEASING = Duration.ofSeconds(5);
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final String host;
  private final List<String> names;
  private final Duration lease;
  private final RunningCommand holder;
  private final Thread keeper;
  private final CompletableFuture<List<State>> answers = new CompletableFuture<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private volatile long confirmed = System.nanoTime();
  private volatile boolean ended;

  private HostLocks(String host, List<String> names, Duration lease, RunningCommand holder) {
    this.host = host;
    this.names = names;
    this.lease = lease;
    this.holder = holder;
    this.keeper = Daemon.start("locks on " + host, this::keep);
  }

  /**
   * Asks for these locks of the runner's host, all at once, and waits for nobody: {@link #state}
   * says which of them are held now.
   *
   * @throws IllegalArgumentException if a name is not 1 to 200 letters, digits and {@code _.:-},
   *     the first a letter or digit
   * @throws CommandTimeoutException if the host did not answer within a minute
   * @throws ConnectionLostException if the connection broke
   * @throws ConnectionFailedException if the host could not be reached at all
   */
  public static HostLocks take(CommandRunner runner, List<String> names)
      throws InterruptedException {
    return take(runner, names, LEASE);
  }

  /**
   * As {@link #take(CommandRunner, List)}.
   *
   * @param lease how long they are held without a word from here, in whole seconds
   */
  static HostLocks take(CommandRunner runner, List<String> names, Duration lease)
      throws InterruptedException {
    List<String> words = new ArrayList<>(List.of("sh", "-c", SCRIPT, TITLE));
    words.add(Long.toString(lease.toSeconds()));
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("a lock's name: '" + name + "'");
      }
      words.add(name);
    }
    HostLocks locks =
        new HostLocks(runner.host(), List.copyOf(names), lease, runner.start(Command.of(words)));
    boolean answered = false;
    try {
      locks.await();
      answered = true;
      return locks;
    } finally {
      if (!answered) {
        locks.close();
      }
    }
  }

  private void await() throws InterruptedException {
    try {
      answers.get(TAKING.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new CommandTimeoutException(
          host + " did not answer within " + TAKING + " when it was asked for locks", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ReplicationException known
          ? known
          : new IllegalStateException(e.getCause());
    }
  }

  /**
   * What became of the lock when it was asked for.
   *
   * @throws IllegalArgumentException if it was not
   */
  public State state(String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("nobody asked for lock '" + name + "'");
    }
    return answers.join().get(index);
  }

  /** What the host said about locks that it cannot give; empty if it said nothing. */
  public String trouble() {
    return holder.errorTail();
  }

  /**
   * Those that were held still are, as far as anybody can know.
   *
   * @throws ConnectionLostException if not: somebody else may hold them now
   */
  public void requireHeld() {
    boolean silent = System.nanoTime() - confirmed > lease.toNanos();
    if ((ended || silent) && answers.join().contains(State.HELD)) {
      throw new ConnectionLostException(
          "the locks on "
              + host
              + " were lost, because what holds them there "
              + (ended ? "has ended" : "does not answer")
              + ": another program may be at work. Run again",
          null);
    }
  }

  // ------------------------------------------------------------------ the keeper's thread

  private void keep() {
    try {
      readAnswers();
      while (!release.await(lease.toNanos() / 3, TimeUnit.NANOSECONDS)) {
        beat();
      }
      holder.waitFor();
    } catch (IOException | ReplicationException e) {
      answers.completeExceptionally(
          e instanceof ReplicationException
              ? e
              : new ConnectionLostException("no answer about locks from " + host, e));
    } catch (InterruptedException e) {
      answers.completeExceptionally(e);
    } finally {
      ended = true;
    }
  }

  private void readAnswers() throws IOException, InterruptedException {
    List<State> states = new ArrayList<>();
    while (states.size() < names.size()) {
      String line = readLine(holder.stdout());
      if (line.isEmpty()) {
        requireOrderly(holder.waitFor());
      }
      states.add(
          switch (line) {
            case "held" -> State.HELD;
            case "taken" -> State.TAKEN;
            default -> State.UNAVAILABLE;
          });
    }
    answers.complete(List.copyOf(states));
  }

  /** A host that cannot give locks says so; one whose answer is missing may have given them. */
  private void requireOrderly(int status) {
    ended = true;
    if (status > 128) { // a signal
      throw new ConnectionLostException(
          "what asks for locks on "
              + host
              + " ended with status "
              + status
              + " before it had answered: "
              + trouble()
              + " (run again)",
          null);
    }
  }

  private void beat() throws IOException {
    long asked = System.nanoTime();
    OutputStream stdin = holder.stdin();
    stdin.write('.');
    stdin.flush();
    if (holder.stdout().read() < 0) {
      throw new IOException("the end");
    }
    confirmed = asked;
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c; (c = in.read()) >= 0 && c != '\n'; ) {
      line.append((char) c);
    }
    return line.toString();
  }

  /** Gives them back, and returns when that is done. Does nothing the second time. */
  @Override
  public void close() {
    release.countDown();
    try {
      holder.stdin().close();
    } catch (IOException | ReplicationException e) {
      // it has ended already
    }
    Daemon.join(keeper, RELEASING);
    holder.close();
  }
}
