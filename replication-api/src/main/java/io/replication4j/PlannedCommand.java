package io.replication4j;

/**
 * A command that a plan will run, for people and logs. Never read back for execution.
 *
 * @param text as one would type it in a shell on that host
 */
public record PlannedCommand(String host, String text) {

  @Override
  public String toString() {
    return host + "$ " + text;
  }
}
