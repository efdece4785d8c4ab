package io.replication4j.command.ssh;

import io.replication4j.command.Command;
import io.replication4j.command.Quoting;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one place where words become shell text. A remote command first tells its process id on
 * standard error, so that it can be ended together with its children: an SSH server that drops a
 * channel leaves them running. The id is also that of the process group, since an SSH server gives
 * every command a session of its own and each shell on the way replaces itself.
 */
final class RemoteShell {

  private static final String PROLOGUE = "echo r4j-pid:$$ >&2; exec env LC_ALL=C \"$@\"";
  private static final Pattern PID = Pattern.compile("r4j-pid:(\\d+)\r?");

  private RemoteShell() {}

  /** What the login shell is to run for {@code command}. Every word is quoted. */
  static String command(Command command, List<String> privilege) {
    return script(PROLOGUE) + " sh " + Quoting.quote(command.argv(privilege));
  }

  /** The process id, if {@code line} is the one that tells it. */
  static OptionalLong pid(String line) {
    Matcher matcher = PID.matcher(line);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /**
   * Ends the group of {@code pid}: SIGTERM, up to two seconds of grace, SIGKILL; with the prefix
   * too, for what runs as another user.
   */
  static String end(long pid, List<String> privilege) {
    String group = " -- -" + pid + " 2>/dev/null";
    String send =
        privilege.isEmpty() ? "" : "; " + Quoting.quote(privilege) + " kill -s $1" + group;
    return script(
        "s() { kill -s $1"
            + group
            + send
            + "; }; s TERM; i=0; while kill -s 0"
            + group
            + " && [ $i -lt 20 ]; do sleep 0.1; i=$((i+1)); done; s KILL; :");
  }

  private static String script(String text) {
    return "exec sh -c " + Quoting.quote(text);
  }
}
