package io.replication4j.command.ssh;

import io.replication4j.command.Command;
import io.replication4j.command.Quoting;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one place where words become shell text. A remote command first greets on standard error:
 * with its process id, so that it can be ended together with its children (an SSH server that drops
 * a channel leaves them running), and with the host's uptime. The id is also that of the process
 * group, since an SSH server gives every command a session of its own and each shell on the way
 * replaces itself.
 *
 * <p>A command that arrives too late is not run. When a network comes back that was cut, the kernel
 * delivers what had been written before, minutes later and although its connection was given up:
 * beside the next sync it would destroy or rename what that has made meanwhile.
 */
final class RemoteShell {

  /**
   * 1 by which uptime in seconds the command is to have arrived, proc(5); -: whenever. Where no
   * uptime is told, nothing is late. What is passed on by environment is for a {@link
   * io.replication4j.command.Sequence}, which arrives after that.
   */
  private static final String PROLOGUE =
      "{ read -r up rest </proc/uptime; } 2>/dev/null; up=${up%%.*}; echo r4j-pid:$$:$up >&2;"
          + " until=$1; shift; [ \"$until\" = - ] || [ \"${up:-0}\" -le \"$until\" ] ||"
          + " { echo \"arrived $((up - until)) s too late, and was not run\" >&2; exit 75; };"
          + " exec env LC_ALL=C R4J_UNTIL=\"$until\" \"$@\"";

  private static final Pattern GREETING = Pattern.compile("r4j-pid:(\\d+):(\\d{1,18})?\r?");

  private RemoteShell() {}

  /**
   * What a command says first.
   *
   * @param uptime of its host, in seconds
   */
  record Greeting(long pid, OptionalLong uptime) {}

  /**
   * What the login shell is to run for {@code command}. Every word is quoted.
   *
   * @param until the host's uptime, in seconds, by which it is to have arrived
   */
  static String command(Command command, List<String> privilege, OptionalLong until) {
    String latest = until.isPresent() ? Long.toString(until.getAsLong()) : "-";
    return script(PROLOGUE) + " sh " + latest + " " + Quoting.quote(command.argv(privilege));
  }

  /** The greeting, if {@code line} is one. */
  static Optional<Greeting> greeting(String line) {
    Matcher matcher = GREETING.matcher(line);
    return matcher.matches()
        ? Optional.of(
            new Greeting(
                Long.parseLong(matcher.group(1)),
                matcher.group(2) == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(matcher.group(2)))))
        : Optional.empty();
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
