package io.replication4j.command;

import java.util.List;
import java.util.regex.Pattern;

/** Recognises a command that never ran because the host does not have its program. */
final class MissingProgram {

  private static final int NOT_EXECUTED = 126;
  private static final int NOT_FOUND = 127;

  private MissingProgram() {}

  /**
   * Whether status and standard error say, without doubt, that the command's own program (or its
   * prefix) is missing.
   */
  static boolean explains(
      Command command, List<String> privilege, int exitStatus, String errorTail) {
    String program = command.argv().get(0);
    if (exitStatus == NOT_FOUND || exitStatus == NOT_EXECUTED) {
      return says(program, errorTail)
          || command.argv(privilege).stream().limit(1).anyMatch(first -> says(first, errorTail));
    }
    return exitStatus == 1
        && !privilege.isEmpty()
        && prefixSays(privilege.get(0), program, errorTail);
  }

  /**
   * A shell's, env's or xargs' complaint on a line of its own: {@code env: 'zfs': No such file or
   * directory} (coreutils 8, 9), {@code env: can't execute 'zfs': No such file or directory}
   * (BusyBox 1.x), {@code xargs: zfs: No such file or directory} (findutils 4), {@code sh: 1: zfs:
   * not found} (dash), {@code bash: line 1: zfs: command not found} (bash 4, 5), {@code zsh:1:
   * command not found: zfs} (zsh 5), {@code …: Permission denied} for a file that is not
   * executable.
   */
  private static boolean says(String program, String errorTail) {
    String name = "['\u2018`\"]?" + Pattern.quote(program) + "['\u2019\"]?";
    String who = "^(\\S*/)?(env|xargs|setsid|(ba|da|k|mk|z|a)?sh)(\\[\\d+\\])?:( line)?( ?\\d+:)? ";
    String after = "((can't execute|failed to execute) )?" + name + ":? (command )?";
    String reason = "(not found|No such file or directory|Permission denied)";
    return found(who + after + reason + "$", errorTail)
        || found(who + "command not found: " + name + "$", errorTail);
  }

  /**
   * {@code sudo: zfs: command not found} (sudo 1.8, 1.9) and the same of doas 6, both with status
   * 1.
   */
  private static boolean prefixSays(String prefix, String program, String errorTail) {
    String name = prefix.substring(prefix.lastIndexOf('/') + 1);
    return found(
        "^" + Pattern.quote(name) + ": " + Pattern.quote(program) + ": command not found$",
        errorTail);
  }

  private static boolean found(String line, String text) {
    return Pattern.compile(line, Pattern.MULTILINE).matcher(text).find();
  }

  static CommandNotFoundException exception(String host, String program, String cameBack) {
    return new CommandNotFoundException(
        program
            + " was not found on "
            + host
            + ": "
            + cameBack
            + " (install it there, or put its directory on the PATH of the user that runs commands)",
        null);
  }
}
