package io.replication4j.command.ssh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One session with a server, and further ones only while it carries all the channels that the
 * server admits. Thread-safe.
 */
final class SessionPool implements AutoCloseable {

  private final Link link;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Session> sessions = new ArrayList<>();
  private volatile boolean closed;

  SessionPool(Link link) {
    this.link = link;
  }

  /**
   * A session with room for a channel, to be given back when that has closed. Connects if need be.
   */
  Session take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      checkOpen();
      sessions.removeIf(session -> !session.isOpen());
      for (Session session : sessions) {
        if (session.take()) {
          return session;
        }
      }
      Session session = link.open();
      session.take();
      sessions.add(session);
      return session;
    } finally {
      lock.unlock();
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
