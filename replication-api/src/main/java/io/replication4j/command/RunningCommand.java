package io.replication4j.command;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * A command with its streams. Standard error is drained in the background, so that it never blocks
 * the command. Closing it before its end kills it and all its children; afterwards that does
 * nothing.
 */
public interface RunningCommand extends AutoCloseable {

  /** Standard input; closing it is the end of file that the command sees. */
  OutputStream stdin();

  /**
   * Standard output. Reading throws {@link ConnectionLostException} when the connection breaks: a
   * broken connection is never an end of file.
   */
  InputStream stdout();

  /** The last part of standard error so far (at most 8 KiB), stripped. */
  String errorTail();

  /**
   * Waits for the end and returns the exit status that the host reported; 128 + signal number for a
   * command that a signal ended.
   *
   * @throws ConnectionLostException if the connection broke first
   */
  int waitFor() throws InterruptedException;

  @Override
  void close();
}
