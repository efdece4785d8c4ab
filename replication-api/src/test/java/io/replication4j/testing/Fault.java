package io.replication4j.testing;

/**
 * One thing that goes wrong. Commands are numbered from 1 in the order in which they are started,
 * on all hosts of one {@link FaultScript} together; streams likewise, in the order in which their
 * first byte passes.
 */
public sealed interface Fault {

  /** What the caller sees. */
  enum Kind {
    /**
     * {@link SimulatedCrash}, now and at every later call: the program is dead. Open streams end as
     * if by its death.
     */
    CRASH,
    /** {@link io.replication4j.command.ConnectionLostException}, once. */
    CONNECTION_LOST
  }

  /** Instead of command {@code number}, which is not run. */
  record Before(int number, Kind kind) implements Fault {}

  /**
   * Command {@code number} runs, and its answer is lost. A started command: right after its start.
   */
  record After(int number, Kind kind) implements Fault {}

  /** Command {@code number} is not run, and ends with {@code exitStatus} and {@code errorTail}. */
  record Exit(int number, int exitStatus, String errorTail) implements Fault {}

  /**
   * Command {@code number} is not run and does not end, until it is closed, interrupted or timed
   * out.
   */
  record Hang(int number) implements Fault {}

  /** Reading from the sender of stream {@code number} fails once {@code bytes} have been read. */
  record CutSender(int number, long bytes, Kind kind) implements Fault {}

  /**
   * Reading from the sender of stream {@code number} gives nothing more once {@code bytes} have
   * been read, until the command is closed.
   */
  record StallSender(int number, long bytes) implements Fault {}

  /**
   * The receiver of stream {@code number} is lost once {@code bytes} were written to it; the writer
   * sees a broken pipe.
   */
  record CutReceiver(int number, long bytes) implements Fault {}
}
