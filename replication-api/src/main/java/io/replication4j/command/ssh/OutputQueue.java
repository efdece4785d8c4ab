package io.replication4j.command.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a channel has received and nobody has read yet. Bounded by the channel's window: a byte is
 * credited back to the peer when it is read. Blocks are reused, so that a stream of any length runs
 * in the same few megabytes.
 */
final class OutputQueue extends InputStream {

  /** Gives the peer leave to send more. */
  interface Window {
    void release(long bytes) throws IOException;
  }

  private static final int BLOCK = 64 << 10;

  private static final class Block {
    final byte[] bytes = new byte[BLOCK];
    int from;
    int to;
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Block> blocks = new ArrayDeque<>();
  private final Window window;
  private @Nullable Block spare;
  private boolean finished;
  private boolean closed;
  private @Nullable RuntimeException failure;

  OutputQueue(Window window) {
    this.window = window;
  }

  void add(byte[] bytes, int offset, int length) throws IOException {
    boolean unwanted;
    lock.lock();
    try {
      unwanted = closed;
      if (!unwanted) {
        append(bytes, offset, length);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
    if (unwanted) {
      window.release(length);
    }
  }

  private void append(byte[] bytes, int offset, int length) {
    for (int from = offset, end = offset + length; from < end; ) {
      Block last = blocks.peekLast();
      if (last == null || last.to == BLOCK) {
        last = spare == null ? new Block() : spare;
        spare = null;
        blocks.add(last);
      }
      int count = Math.min(BLOCK - last.to, end - from);
      System.arraycopy(bytes, from, last.bytes, last.to, count);
      last.to += count;
      from += count;
    }
  }

  /** The peer said that this was all. */
  void finish() {
    lock.lock();
    try {
      finished = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** There will be no more, but this was not all, unless the peer has said so before. */
  void fail(RuntimeException cause) {
    lock.lock();
    try {
      if (!finished && failure == null) {
        failure = cause;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    int count;
    lock.lock();
    try {
      if (!awaitData()) {
        return -1;
      }
      count = take(bytes, offset, length);
    } finally {
      lock.unlock();
    }
    window.release(count);
    return count;
  }

  private boolean awaitData() throws IOException {
    while (blocks.isEmpty()) {
      if (closed) {
        throw new IOException("the stream is closed");
      }
      if (failure != null) {
        throw failure;
      }
      if (finished) {
        return false;
      }
      await();
    }
    return true;
  }

  @SuppressWarnings("WaitNotInLoop") // the loop is around the call
  private void await() throws InterruptedIOException {
    try {
      changed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while waiting for a remote command's output");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private int take(byte[] bytes, int offset, int length) {
    int count = 0;
    while (count < length && !blocks.isEmpty()) {
      Block first = blocks.element();
      int part = Math.min(first.to - first.from, length - count);
      System.arraycopy(first.bytes, first.from, bytes, offset + count, part);
      first.from += part;
      count += part;
      if (first.from == first.to) {
        recycle(blocks.remove());
      }
    }
    return count;
  }

  private void recycle(Block block) {
    block.from = 0;
    block.to = 0;
    spare = block;
  }

  @Override
  public int available() {
    lock.lock();
    try {
      return blocks.stream().mapToInt(block -> block.to - block.from).sum();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Throws away what is here and what comes: the peer is not held up by a reader that went away.
   */
  @Override
  public void close() throws IOException {
    int unread;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      unread = available();
      blocks.clear();
      spare = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    window.release(unread);
  }
}
