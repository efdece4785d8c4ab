package io.replication4j.command;

import java.time.Duration;

/**
 * How a command ended: it did run to its end, and this is what it said.
 *
 * @param exitStatus the status that the host reported; 128 + signal number for a command that a
 *     signal ended
 * @param output standard output as UTF-8, whole
 * @param errorTail the last part of standard error (at most 8 KiB), stripped
 * @param elapsed from start to end
 */
public record CommandResult(int exitStatus, String output, String errorTail, Duration elapsed) {

  public boolean succeeded() {
    return exitStatus == 0;
  }
}
