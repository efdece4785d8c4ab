package io.replication4j;

/**
 * A command that a plan will run, for people and logs. Never read back for execution.
 *
 * @param text as one would type it in a shell on that host; a batch has a line per run
 */
public record PlannedCommand(String host, String text) {

  @Override
  public String toString() {
    String prompt = host + "$ ";
    return prompt + text.replace("\n", "\n" + prompt);
  }
}
