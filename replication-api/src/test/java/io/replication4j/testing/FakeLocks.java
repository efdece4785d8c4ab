package io.replication4j.testing;

import io.replication4j.command.Command;
import io.replication4j.command.HostLocks;
import io.replication4j.command.RunningCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@link HostLocks} runs, on a host in memory, which has the locks for as long as it is. */
public final class FakeLocks {

  private final Set<String> held = new HashSet<>();

  /** Whether this is the command that holds locks. */
  static boolean isHolder(Command command) {
    List<String> words = command.argv();
    return words.size() > 3 && words.get(0).equals("sh") && words.get(3).equals(HostLocks.TITLE);
  }

  /** The command, if it is the one that holds locks. */
  public Optional<RunningCommand> start(Command command) {
    return isHolder(command)
        ? Optional.of(new Holder(command.argv().subList(5, command.argv().size())))
        : Optional.empty();
  }

  private synchronized boolean take(String name) {
    return held.add(name);
  }

  private synchronized void release(Set<String> names) {
    held.removeAll(names);
  }

  private final class Holder implements RunningCommand {

    private final Set<String> mine = new HashSet<>();
    private final Replies replies = new Replies();

    Holder(List<String> names) {
      for (String name : names) {
        boolean free = take(name);
        if (free) {
          mine.add(name);
        }
        replies.add(free ? "held\n" : "taken\n");
      }
    }

    @Override
    public OutputStream stdin() {
      return new ByteArrayOutputStream() {
        @Override
        public void flush() {
          replies.add("\n");
        }

        @Override
        public void close() {
          end();
        }
      };
    }

    private void end() {
      release(mine);
      replies.end();
    }

    @Override
    public InputStream stdout() {
      return replies;
    }

    @Override
    public String errorTail() {
      return "";
    }

    @Override
    public int waitFor() throws InterruptedException {
      replies.awaitEnd();
      return 0;
    }

    @Override
    public void close() {
      end();
    }
  }

  /** What it prints; nobody else's bytes. */
  private static final class Replies extends InputStream {

    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    synchronized void add(String more) {
      text.append(more);
      notifyAll();
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized void awaitEnd() throws InterruptedException {
      while (!ended) {
        wait();
      }
    }

    @Override
    public synchronized int read() throws IOException {
      try {
        while (text.length() == 0 && !ended) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
      if (text.length() == 0) {
        return -1;
      }
      byte first = text.substring(0, 1).getBytes(StandardCharsets.US_ASCII)[0];
      text.deleteCharAt(0);
      return first;
    }
  }
}
