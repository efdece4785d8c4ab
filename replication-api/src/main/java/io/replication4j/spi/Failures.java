package io.replication4j.spi;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.Quoting;
import java.time.Duration;

/** The wording that all backends share. */
public final class Failures {

  private static final int SHOWN = 300;

  private Failures() {}

  /**
   * {@code <command> on <host> failed: exit <status> after <time>: <stderr>}: what was tried,
   * where, and what came back. The backend adds the next move where it knows one.
   */
  public static String message(String host, Command command, CommandResult result) {
    return message(host, command, result.exitStatus(), result.elapsed(), result.errorTail());
  }

  /** As {@link #message(String, Command, CommandResult)}. */
  public static String message(
      String host, Command command, int exitStatus, Duration elapsed, String errorTail) {
    return shorten(Quoting.summary(command.toShellText()))
        + " on "
        + host
        + " failed: exit "
        + exitStatus
        + " after "
        + format(elapsed)
        + (errorTail.isEmpty() ? ", without a word" : ": " + errorTail);
  }

  private static String shorten(String text) {
    String line = text.replace('\n', ';');
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }

  /** {@code 0.3s}, {@code 12m03s}, {@code 2h00m05s}. */
  public static String format(Duration elapsed) {
    if (elapsed.toMinutes() == 0) {
      return elapsed.toMillis() / 1000 + "." + elapsed.toMillis() / 100 % 10 + "s";
    }
    String tail = String.format("%02dm%02ds", elapsed.toMinutesPart(), elapsed.toSecondsPart());
    return (elapsed.toHours() > 0 ? elapsed.toHours() + "h" : "")
        + (elapsed.toHours() > 0 ? tail : tail.replaceFirst("^0", ""));
  }
}
