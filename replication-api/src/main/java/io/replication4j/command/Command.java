package io.replication4j.command;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A program with its arguments, what it reads, and how long it may take. Arguments are data from
 * end to end: no shell of ours ever sees them. Immutable; {@code with…} methods return copies.
 *
 * <p>{@code batch} runs {@code argv} once per argument list, in order, in a single process start
 * (and a single SSH channel) by way of xargs(1): the lists travel NUL-separated on standard input,
 * so they may be as many and as odd as they like. The result is that of all runs together: their
 * outputs one after the other, exit status 0 only if every run had 0.
 */
public final class Command {

  /** What a command may take when nobody said otherwise. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);

  /**
   * What {@link CommandRunner#run} keeps of standard output when nobody said otherwise, in bytes.
   */
  public static final int DEFAULT_OUTPUT_LIMIT = 64 << 20;

  private static final String TITLE = "# ";

  private final List<String> wrapper;
  private final List<String> argv;
  private final List<List<String>> batch;
  private final Optional<String> input;
  private final Duration timeout;
  private final int outputLimit;

  private Command(
      List<String> wrapper,
      List<String> argv,
      List<List<String>> batch,
      Optional<String> input,
      Duration timeout,
      int outputLimit) {
    this.wrapper = wrapper;
    this.argv = argv;
    this.batch = batch;
    this.input = input;
    this.timeout = timeout;
    this.outputLimit = outputLimit;
  }

  /**
   * A command from its words, the program first.
   *
   * @throws IllegalArgumentException if there is no program, or a word holds a NUL character
   */
  public static Command of(String... argv) {
    return of(List.of(argv));
  }

  /** As {@link #of(String...)}. */
  public static Command of(List<String> argv) {
    checkWords(argv);
    if (argv.isEmpty() || argv.get(0).isEmpty()) {
      throw new IllegalArgumentException("a command needs a program: " + argv);
    }
    return new Command(
        List.of(),
        List.copyOf(argv),
        List.of(),
        Optional.empty(),
        DEFAULT_TIMEOUT,
        DEFAULT_OUTPUT_LIMIT);
  }

  /**
   * A script of sh(1) and its arguments, which it knows as {@code $1} and so on: the script is
   * constant, all data is arguments. Runs {@code sh -c SCRIPT sh ARGUMENTS}.
   *
   * @param title what it does, in a few words: the script's first line, a comment, by which plans
   *     and messages call it
   * @throws IllegalArgumentException if the title is empty or has several lines, or as {@link
   *     #of(String...)}
   */
  public static Command script(String title, String script, String... arguments) {
    if (title.isBlank() || title.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("a script's title: '" + title + "'");
    }
    List<String> words = new ArrayList<>(List.of("sh", "-c", TITLE + title + "\n" + script, "sh"));
    words.addAll(List.of(arguments));
    return of(words);
  }

  /**
   * One run of {@code argv} per element of {@code argumentLists}, its words appended. A batch of
   * one is that command itself.
   *
   * @throws IllegalArgumentException if there is no argument list, if the lists differ in length or
   *     are empty, or if a word is empty or holds a NUL character
   */
  public static Command batch(List<String> argv, List<List<String>> argumentLists) {
    if (argumentLists.isEmpty()) {
      throw new IllegalArgumentException("an empty batch of " + argv);
    }
    int width = argumentLists.get(0).size();
    for (List<String> arguments : argumentLists) {
      checkWords(arguments);
      if (arguments.size() != width || width == 0) {
        throw new IllegalArgumentException(
            "argument lists of a batch differ in length: " + argumentLists);
      }
    }
    if (argumentLists.size() == 1) {
      List<String> words = new ArrayList<>(argv);
      words.addAll(argumentLists.get(0));
      return of(words);
    }
    Command single = of(argv);
    return new Command(
        List.of(),
        single.argv,
        argumentLists.stream().map(List::copyOf).toList(),
        Optional.empty(),
        DEFAULT_TIMEOUT,
        DEFAULT_OUTPUT_LIMIT);
  }

  private static void checkWords(List<String> words) {
    for (String word : words) {
      if (word.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "NUL in a command's argument: " + Quoting.quote(word.replace("\0", "\\0")));
      }
    }
  }

  /**
   * The same command, killed with all its children when it takes longer. Does not apply to a
   * started stream.
   */
  public Command withTimeout(Duration newTimeout) {
    if (newTimeout.isNegative() || newTimeout.isZero()) {
      throw new IllegalArgumentException("timeout must be positive: " + newTimeout);
    }
    return new Command(wrapper, argv, batch, input, newTimeout, outputLimit);
  }

  /**
   * The same command, reading {@code text} (as UTF-8) from standard input; without it, standard
   * input is empty.
   *
   * @throws IllegalStateException for a batch, whose standard input carries its arguments
   */
  public Command withInput(String text) {
    if (!batch.isEmpty()) {
      throw new IllegalStateException("a batch has no standard input of its own: " + this);
    }
    return new Command(
        wrapper, argv, batch, Optional.of(requireNonNull(text, "text")), timeout, outputLimit);
  }

  /**
   * The same command, failing with {@link OutputLimitException} when it prints more than {@code
   * bytes}.
   */
  public Command withOutputLimit(int bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("output limit must be positive: " + bytes);
    }
    return new Command(wrapper, argv, batch, input, timeout, bytes);
  }

  /**
   * The same command, run by another program that these words start: they stand before any
   * privilege prefix, so that only the command itself runs with it. Of several the last one stands
   * first.
   *
   * @throws IllegalStateException for a batch, which has xargs in that place
   */
  public Command runBy(List<String> words) {
    checkWords(words);
    if (!batch.isEmpty()) {
      throw new IllegalStateException("a batch is run by xargs: " + this);
    }
    List<String> wrappers = new ArrayList<>(words);
    wrappers.addAll(wrapper);
    return new Command(List.copyOf(wrappers), argv, batch, input, timeout, outputLimit);
  }

  /**
   * The words that {@link #argumentLists} are appended to; for a plain command all of its words.
   */
  public List<String> argv() {
    return argv;
  }

  /** The argument lists of a batch, in order; empty for a plain command. */
  public List<List<String>> argumentLists() {
    return batch;
  }

  /**
   * The words to run on a host where every command is to be prefixed by {@code privilege} ({@code
   * sudo -n}); in a batch the prefix goes before the program, not before xargs, so that rules can
   * name the program.
   */
  public List<String> argv(List<String> privilege) {
    List<String> words = new ArrayList<>(wrapper);
    if (!batch.isEmpty()) {
      words.addAll(List.of("xargs", "-0", "-r", "-n", Integer.toString(batch.get(0).size())));
    }
    words.addAll(privilege);
    words.addAll(argv);
    return List.copyOf(words);
  }

  /** What standard input is to carry, or empty. */
  public Optional<String> input() {
    if (batch.isEmpty()) {
      return input;
    }
    return Optional.of(
        batch.stream()
            .flatMap(List::stream)
            .map(word -> word + '\0')
            .collect(Collectors.joining()));
  }

  public Duration timeout() {
    return timeout;
  }

  public int outputLimit() {
    return outputLimit;
  }

  /**
   * The program's name, for messages: {@code zfs receive} rather than the whole line; or a {@link
   * #script}'s title.
   */
  public String verb() {
    if (argv.size() > 2 && argv.get(2).startsWith(TITLE)) {
      return argv.get(2).substring(TITLE.length(), argv.get(2).indexOf('\n'));
    }
    String words =
        argv.stream()
            .limit(3)
            .takeWhile(word -> !word.startsWith("-") && !word.contains("/"))
            .collect(Collectors.joining(" "));
    return words.isEmpty() ? argv.get(0) : words;
  }

  /**
   * The command as one would type it in a shell, a batch as several lines. For people and logs;
   * never executed.
   */
  public String toShellText() {
    if (batch.isEmpty()) {
      return Quoting.quote(argv(List.of()));
    }
    return batch.stream()
        .map(arguments -> Quoting.quote(argv) + " " + Quoting.quote(arguments))
        .collect(Collectors.joining("\n"));
  }

  /** Standard input as bytes: what a runner writes. */
  byte[] inputBytes() {
    return input().map(text -> text.getBytes(StandardCharsets.UTF_8)).orElseGet(() -> new byte[0]);
  }

  @Override
  public String toString() {
    return toShellText();
  }
}
