package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One session with a server, and further ones only while it carries all the channels that the
 * server admits. Thread-safe.
 */
final class SessionPool implements AutoCloseable {

  private final Link link;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Session> sessions = new ArrayList<>();
  private volatile boolean closed;
  private @Nullable Failure failure;

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
    lock.lockInterruptibly();
    try {
      checkOpen();
      sessions.removeIf(session -> !session.isOpen());
      for (Session session : sessions) {
        if (session.take()) {
          return session;
        }
      }
      Session session = open(asked);
      session.take();
      sessions.add(session);
      return session;
    } finally {
      lock.unlock();
    }
  }

  private Session open(long asked) throws InterruptedException {
    Failure last = failure;
    if (last != null && last.at() - asked > 0) {
      throw last.cause();
    }
    try {
      return link.open();
    } catch (ConnectionFailedException e) {
      failure = new Failure(e, System.nanoTime());
      throw e;
    }
  }

  void giveBack(Session session) {
    lock.lock();
    try {
      session.giveBack();
      if (session.isIdle() && sessions.size() > 1 && sessions.remove(session)) {
        session.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The server refused a channel; returns whether another session may carry it. */
  boolean refused(Session session) {
    lock.lock();
    try {
      return session.refusedOne();
    } finally {
      lock.unlock();
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
    lock.lock();
    try {
      sessions.forEach(Session::close);
      sessions.clear();
      link.close();
    } finally {
      lock.unlock();
    }
  }
}
