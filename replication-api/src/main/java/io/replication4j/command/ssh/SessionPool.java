package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One session with a server, and further ones only while it carries all the channels that the
 * server admits. Thread-safe. Nobody but who needs a new session waits for one: a channel is given
 * back on a thread that serves all the others, too.
 */
final class SessionPool implements AutoCloseable {

  private final Link link;
  private final ReentrantLock connecting = new ReentrantLock();
  private final List<Session> sessions = new ArrayList<>(); // guarded by itself
  private volatile boolean closed;
  private @Nullable Failure failure; // guarded by connecting

  /** Why nobody could connect, and when that was known. */
  private record Failure(ConnectionFailedException cause, long at) {}

  SessionPool(Link link) {
    this.link = link;
  }

  /**
   * A session with room for a channel, to be given back when that has closed. Connects if need be;
   * who waited while somebody else tried to, and could not, is not let in either: one after the
   * other would wait for a host that is away.
   */
  Session take() throws InterruptedException {
    long asked = System.nanoTime();
    Optional<Session> open = takeOpen();
    if (open.isPresent()) {
      return open.get();
    }
    connecting.lockInterruptibly();
    try {
      Optional<Session> opened = takeOpen(); // by who connected meanwhile
      return opened.isPresent() ? opened.get() : connect(asked);
    } finally {
      connecting.unlock();
    }
  }

  private Optional<Session> takeOpen() {
    synchronized (sessions) {
      checkOpen();
      sessions.removeIf(session -> !session.isOpen());
      return sessions.stream().filter(Session::take).findFirst();
    }
  }

  private Session connect(long asked) throws InterruptedException {
    Failure last = failure;
    if (last != null && last.at() - asked > 0) {
      throw last.cause();
    }
    try {
      Session session = link.open();
      synchronized (sessions) {
        session.take();
        sessions.add(session);
      }
      return session;
    } catch (ConnectionFailedException e) {
      failure = new Failure(e, System.nanoTime());
      throw e;
    }
  }

  void giveBack(Session session) {
    boolean spare;
    synchronized (sessions) {
      session.giveBack();
      spare = session.isIdle() && sessions.size() > 1 && sessions.remove(session);
    }
    if (spare) {
      session.close();
    }
  }

  /** The server refused a channel; returns whether another session may carry it. */
  boolean refused(Session session) {
    synchronized (sessions) {
      return session.refusedOne();
    }
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the runner of " + link.destination() + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    connecting.lock();
    try {
      List<Session> last;
      synchronized (sessions) {
        last = List.copyOf(sessions);
        sessions.clear();
      }
      last.forEach(Session::close);
      link.close();
    } finally {
      connecting.unlock();
    }
  }
}
