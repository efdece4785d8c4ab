package io.replication4j.spi;

import static java.util.Objects.requireNonNull;

import io.replication4j.PermissionDeniedException;
import io.replication4j.ReplicationException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandFailedException;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a failed command means, and what to do next. A backend has a list of them. */
public final class FailureRule {

  /** sudo(8) 1.9, C locale. */
  public static final FailureRule SUDO =
      line(
          "sudo: (?:a password is required|.*not allowed to execute.*)",
          "allow these commands in sudoers",
          PermissionDeniedException::new);

  /** sh(1), and what runs other programs: no such program. */
  private static final int NOT_FOUND = 127;

  /** A constructor of the type that the failure has. */
  public interface Type {
    ReplicationException of(String message, @Nullable Throwable cause);
  }

  private final Predicate<CommandResult> applies;
  private final String nextMove;
  private final Type type;

  private FailureRule(Predicate<CommandResult> applies, String nextMove, Type type) {
    this.applies = applies;
    this.nextMove = requireNonNull(nextMove, "nextMove");
    this.type = requireNonNull(type, "type");
  }

  /**
   * Applies if a line of standard error, without the space around it, matches as a whole.
   *
   * @param regex with the tool and its versions in a comment beside it
   */
  public static FailureRule line(String regex, String nextMove, Type type) {
    Pattern pattern = Pattern.compile(regex);
    return new FailureRule(
        result ->
            result
                .errorTail()
                .lines()
                .map(String::strip)
                .anyMatch(line -> pattern.matcher(line).matches()),
        nextMove,
        type);
  }

  /**
   * Applies to exit status 127: the program is not there.
   *
   * @param packages to be installed
   */
  public static FailureRule missing(String packages) {
    return new FailureRule(
        result -> result.exitStatus() == NOT_FOUND,
        "install " + packages + " there",
        CommandNotFoundException::new);
  }

  /**
   * By the first rule that applies, whatever the order of the lines is; a {@link
   * CommandFailedException} if none does. The message is that of {@link Failures#message}, with the
   * rule's next move.
   */
  public static ReplicationException failure(
      List<FailureRule> rules, String host, Command command, CommandResult result) {
    String message = Failures.message(host, command, result);
    return rules.stream()
        .filter(rule -> rule.applies.test(result))
        .findFirst()
        .map(rule -> rule.type.of(message + "; " + rule.nextMove, null))
        .orElseGet(() -> new CommandFailedException(message, result.exitStatus()));
  }
}
