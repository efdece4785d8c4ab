package io.replication4j;

import io.replication4j.command.Quoting;

/**
 * A command that a plan will run, for people and logs. Never read back for execution.
 *
 * @param text as one would type it in a shell on that host, whole; a batch has a line per run
 */
public record PlannedCommand(String host, String text) {

  /** The text with no more than the first line of a script, which says what that does. */
  public String summary() {
    return Quoting.summary(text);
  }

  /** The {@link #summary} behind the host. */
  @Override
  public String toString() {
    String prompt = host + "$ ";
    return prompt + summary().replace("\n", "\n" + prompt);
  }
}
