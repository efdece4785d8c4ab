package io.replication4j.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.CommandTimeoutException;
import io.replication4j.command.ErrorTail;
import io.replication4j.command.HostLocks;
import io.replication4j.command.OutputLimitException;
import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link CommandRunner} does. A subclass supplies one whose commands run on this
 * machine, so that the processes that they leave behind can be seen from here.
 */
@Timeout(120)
public abstract class CommandRunnerContract {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int MIB = 1 << 20;

  private CommandRunner runner;
  private Set<Thread> threadsBefore;

  /** A new runner; the contract closes it. */
  protected abstract CommandRunner newRunner() throws Exception;

  /** Whether {@code thread} is one that the runner started. */
  protected boolean isRunnersThread(Thread thread) {
    return thread.getName().startsWith("replication4j");
  }

  /** The runner of the test that runs now. */
  protected final CommandRunner runner() {
    return runner;
  }

  @BeforeEach
  void open() throws Exception {
    threadsBefore = Thread.getAllStackTraces().keySet();
    runner = newRunner();
  }

  @AfterEach
  void closeAndLeaveNoThread() throws InterruptedException {
    runner.close();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!threadsBefore.contains(thread) && isRunnersThread(thread)) {
        thread.join(SOON.toMillis());
        assertFalse(thread.isAlive(), () -> "left behind: " + thread);
      }
    }
  }

  private static Command sh(String script, String... arguments) {
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(List.of(arguments));
    return Command.of(words);
  }

  // ---- to the end

  @Test
  void returnsOutputErrorTailAndStatus() throws Exception {
    CommandResult result = runner.run(sh("echo out; echo err >&2; exit 3"));
    assertEquals("out\n", result.output());
    assertEquals("err", result.errorTail());
    assertEquals(3, result.exitStatus());
    assertFalse(result.succeeded());
  }

  @Test
  void successIsStatusZero() throws Exception {
    assertTrue(runner.run(Command.of("true")).succeeded());
    assertEquals(255, runner.run(sh("exit 255")).exitStatus());
  }

  @Test
  void deathBySignalIs128PlusItsNumber() throws Exception {
    assertEquals(128 + 9, runner.run(sh("kill -KILL $$")).exitStatus());
    assertEquals(128 + 15, runner.run(sh("kill -TERM $$")).exitStatus());
  }

  @Test
  void speaksTheCLocale() throws Exception {
    assertEquals("C", runner.run(sh("printf %s \"$LC_ALL\"")).output());
  }

  @Test
  void standardInputIsEmptyUnlessGiven() throws Exception {
    assertEquals("", runner.run(Command.of("cat")).output());
    assertEquals("grüße\n", runner.run(Command.of("cat").withInput("grüße\n")).output());
  }

  @Test
  void largeInputComesBackWhole() throws Exception {
    String text = "0123456789abcdef".repeat(5 * MIB / 16);
    assertEquals(text, runner.run(Command.of("cat").withInput(text)).output());
  }

  @Test
  void commandNeedNotReadItsInput() throws Exception {
    assertTrue(runner.run(Command.of("true").withInput("x".repeat(MIB))).succeeded());
  }

  // ---- several as one

  @Test
  void runsAllInOrderEachWithItsOwnOutput() throws Exception {
    List<CommandResult> results =
        runner.runAll(
            List.of(
                sh("echo one; echo noise >&2"),
                Command.of("cat").withInput("grüße '$HOME' %s\n"),
                Command.of("printf", "%s", "no line end"),
                Command.of("true"),
                Command.of("cat"),
                Command.batch(
                    List.of("printf", "[%s|%s]"),
                    List.of(List.of("a", "b c"), List.of("$d", "-e")))));
    assertEquals(
        List.of("one\n", "grüße '$HOME' %s\n", "no line end", "", "", "[a|b c][$d|-e]"),
        results.stream().map(CommandResult::output).toList());
    assertTrue(results.stream().allMatch(CommandResult::succeeded));
  }

  @Test
  void runsNothingAfterTheFirstFailure(@TempDir Path directory) throws Exception {
    Path never = directory.resolve("never");
    List<CommandResult> results =
        runner.runAll(
            List.of(
                sh("echo before >&2"),
                sh("echo out; echo why >&2; exit 7"),
                Command.of("touch", never.toString())));
    assertEquals(2, results.size());
    assertEquals(7, results.get(1).exitStatus());
    assertEquals("out\n", results.get(1).output());
    assertEquals("why", results.get(1).errorTail());
    assertFalse(Files.exists(never));
  }

  @Test
  void deathBySignalInAllIs128PlusItsNumber() throws Exception {
    List<CommandResult> results =
        runner.runAll(List.of(Command.of("true"), sh("kill -KILL $$"), Command.of("true")));
    assertEquals(List.of(0, 128 + 9), results.stream().map(CommandResult::exitStatus).toList());
  }

  @Test
  void inputOfAllMayBeLargeAndUnread() throws Exception {
    String text = "0123456789abcdef".repeat(MIB / 16);
    List<CommandResult> results =
        runner.runAll(
            List.of(
                Command.of("cat").withInput(text),
                Command.of("true").withInput(text),
                Command.of("wc", "-c").withInput(text)));
    assertEquals(text, results.get(0).output());
    assertEquals(String.valueOf(MIB), results.get(2).output().strip());
  }

  @Test
  void missingProgramIsFoundMissingAmongAll() {
    CommandNotFoundException e =
        assertThrows(
            CommandNotFoundException.class,
            () -> runner.runAll(List.of(Command.of("true"), Command.of("no-such-program-r4j"))));
    assertTrue(String.valueOf(e.getMessage()).contains("no-such-program-r4j"), e::getMessage);
  }

  @Test
  void allEndTogetherWhenTheirTimeIsUp() {
    Duration brief = Duration.ofMillis(300);
    assertThrows(
        CommandTimeoutException.class,
        () ->
            runner.runAll(
                List.of(
                    Command.of("true").withTimeout(brief),
                    Command.of("sleep", "987").withTimeout(brief))));
  }

  @Test
  void whatRunsAmongAllMayCleanUpWhenTheirTimeIsUp(@TempDir Path directory) {
    Path cleaned = directory.resolve("cleaned");
    Duration brief = Duration.ofMillis(300);
    Command careful =
        sh(
            "trap 'sleep 0.3; touch \"$1\"; exit 1' TERM; while :; do sleep 0.05; done",
            cleaned.toString());
    assertThrows(
        CommandTimeoutException.class,
        () ->
            runner.runAll(
                List.of(Command.of("true").withTimeout(brief), careful.withTimeout(brief))));
    assertTrue(Files.exists(cleaned));
  }

  @Test
  void allOfNoneOrOne() throws Exception {
    assertEquals(List.of(), runner.runAll(List.of()));
    assertEquals("x", runner.runAll(List.of(Command.of("printf", "x"))).get(0).output());
  }

  @Test
  void oddArgumentsArriveAsTheyAre() throws Exception {
    List<String> odd =
        List.of(
            "two words",
            " ",
            "",
            "it's",
            "\"q\"",
            "$(id)",
            "`id`",
            "$HOME",
            ";",
            "a;b",
            "&&",
            "|",
            ">x",
            "*",
            "?",
            "~",
            "#",
            "!!",
            "\\",
            "\\n",
            "a\\'b",
            "line\nbreak",
            "\n",
            "trailing\n",
            "tab\there",
            "-rf",
            "--",
            "-",
            "grüße",
            "日本",
            "🙂",
            "%s",
            "{a,b}",
            "[x]",
            "x=y",
            "\u0001",
            "\r");
    List<String> words = new ArrayList<>(List.of("printf", "%s\\0"));
    words.addAll(odd);
    assertEquals(String.join("\0", odd) + "\0", runner.run(Command.of(words)).output());
  }

  @Test
  void batchRunsOncePerArgumentList() throws Exception {
    List<List<String>> lists =
        List.of(List.of("a b", "$(id)"), List.of("-n", "new\nline"), List.of("ü", "'"));
    assertEquals(
        "<a b|$(id)><-n|new\nline><ü|'>",
        runner.run(Command.batch(List.of("printf", "<%s|%s>"), lists)).output());
  }

  @Test
  void batchMayBeLarge() throws Exception {
    List<List<String>> lists =
        IntStream.range(0, 40_000)
            .mapToObj(i -> List.of("tank/some/dataset@snapshot-" + i))
            .toList();
    String output = runner.run(Command.batch(List.of("true"), lists.subList(0, 100))).output();
    assertEquals("", output);
    String all = runner.run(Command.batch(List.of("echo"), lists.subList(0, 400))).output();
    assertEquals(400, all.lines().count());
  }

  @Test
  void batchFailsWhenOneRunFails() throws Exception {
    Command batch =
        Command.batch(
            List.of("sh", "-c", "echo $1; exit $1", "sh"),
            List.of(List.of("0"), List.of("1"), List.of("0")));
    CommandResult result = runner.run(batch);
    assertEquals("0\n1\n0\n", result.output());
    assertFalse(result.succeeded());
  }

  @Test
  void missingProgramHasATypeAndAName() {
    CommandNotFoundException e =
        assertThrows(
            CommandNotFoundException.class,
            () -> runner.run(Command.of("no-such-program-r4j", "x")));
    assertTrue(e.getMessage().contains("no-such-program-r4j"), e.getMessage());
    assertTrue(e.getMessage().contains(runner.host()), e.getMessage());
  }

  @Test
  void missingProgramOfABatchHasATypeToo() {
    Command batch =
        Command.batch(List.of("no-such-program-r4j"), List.of(List.of("a"), List.of("b")));
    assertThrows(CommandNotFoundException.class, () -> runner.run(batch));
  }

  @Test
  void status127OfAProgramThatIsThereIsItsOwn() throws Exception {
    assertEquals(127, runner.run(sh("exit 127")).exitStatus());
    assertEquals(127, runner.run(sh("nothing-here-r4j")).exitStatus());
  }

  @Test
  void outputUpToTheLimitIsKeptAndOneByteMoreIsRefused() throws Exception {
    Command five = Command.of("printf", "12345");
    assertEquals("12345", runner.run(five.withOutputLimit(5)).output());
    assertThrows(OutputLimitException.class, () -> runner.run(five.withOutputLimit(4)));
  }

  @Test
  void endlessOutputIsEnded() {
    assertThrows(
        OutputLimitException.class, () -> runner.run(Command.of("yes").withOutputLimit(MIB)));
  }

  @Test
  void floodOnStandardErrorDoesNotBlockAndOnlyItsTailIsKept() throws Exception {
    CommandResult result =
        runner.run(
            sh("head -c 5000000 /dev/zero | tr '\\0' e >&2; echo last words >&2; echo done"));
    assertEquals("done\n", result.output());
    assertTrue(result.errorTail().endsWith("last words"));
    assertTrue(result.errorTail().length() <= ErrorTail.LIMIT);
  }

  @Test
  void elapsedTimeIsMeasured() throws Exception {
    assertTrue(runner.run(sh("sleep 0.2")).elapsed().toMillis() >= 150);
  }

  // ---- ended early

  @Test
  void timeoutEndsTheWholeTree(@TempDir Path dir) throws Exception {
    Path pids = dir.resolve("pids");
    Command tree =
        sh("echo $$ > \"$1\"; sh -c 'sleep 300 & echo $!; wait' >> \"$1\"", pids.toString());
    CommandTimeoutException e =
        assertThrows(
            CommandTimeoutException.class,
            () -> runner.run(tree.withTimeout(Duration.ofSeconds(1))));
    assertTrue(e.getMessage().contains("PT1S"), e.getMessage());
    assertAllEnd(Files.readAllLines(pids), 2);
  }

  @Test
  void treeThatIgnoresTermIsKilled(@TempDir Path dir) throws Exception {
    Path pids = dir.resolve("pids");
    Command stubborn =
        sh(
            "trap '' TERM; echo $$ > \"$1\"; sleep 300 & echo $! >> \"$1\"; wait; wait; sleep 300",
            pids.toString());
    assertThrows(
        CommandTimeoutException.class,
        () -> runner.run(stubborn.withTimeout(Duration.ofSeconds(1))));
    assertAllEnd(Files.readAllLines(pids), 2);
  }

  @Test
  void timeoutWhileInputIsStuckEndsTheCommand() {
    Command deaf =
        Command.of("sleep", "300")
            .withInput("x".repeat(8 * MIB))
            .withTimeout(Duration.ofSeconds(1));
    assertThrows(CommandTimeoutException.class, () -> runner.run(deaf));
  }

  @Test
  void interruptionEndsTheTreeAndIsPassedOn(@TempDir Path dir) throws Exception {
    Path pipe = dir.resolve("pipe");
    assertTrue(runner.run(Command.of("mkfifo", pipe.toString())).succeeded());
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<CommandResult> run =
          executor.submit(
              () -> runner.run(sh("sleep 300 & echo $$ $! > \"$1\"; wait", pipe.toString())));
      List<String> pids =
          List.of(Files.readString(pipe).strip().split(" ")); // returns when both run
      executor.shutdownNow();
      assertTrue(executor.awaitTermination(SOON.toSeconds(), TimeUnit.SECONDS));
      Throwable thrown =
          assertThrows(java.util.concurrent.ExecutionException.class, run::get).getCause();
      assertEquals(InterruptedException.class, thrown.getClass());
      assertAllEnd(pids, 2);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void interruptedCallerStartsNothing(@TempDir Path dir) {
    Path trace = dir.resolve("trace");
    Thread.currentThread().interrupt();
    assertThrows(
        InterruptedException.class, () -> runner.run(Command.of("touch", trace.toString())));
    assertFalse(Files.exists(trace));
  }

  // ---- with streams

  @Test
  void streamsBothWaysAndReportsTheStatus() throws Exception {
    try (RunningCommand cat = runner.start(sh("cat; echo bye >&2; exit 7"))) {
      cat.stdin().write("hello".getBytes(UTF_8));
      cat.stdin().flush();
      assertEquals("hello", new String(cat.stdout().readNBytes(5), UTF_8));
      cat.stdin().close();
      assertEquals(-1, cat.stdout().read());
      assertEquals(7, cat.waitFor());
      assertEquals(7, cat.waitFor());
      assertEquals("bye", cat.errorTail());
    }
  }

  @Test
  void bigStreamOutIsWhole() throws Exception {
    try (RunningCommand zeros =
        runner.start(Command.of("head", "-c", String.valueOf(200L * MIB), "/dev/zero"))) {
      byte[] buffer = new byte[256 << 10];
      long total = 0;
      for (int n; (n = zeros.stdout().read(buffer)) >= 0; ) {
        total += n;
      }
      assertEquals(200L * MIB, total);
      assertEquals(0, zeros.waitFor());
    }
  }

  @Test
  void bigStreamInArrivesUnchanged() throws Exception {
    byte[] block = new byte[MIB];
    new Random(42).nextBytes(block);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (RunningCommand sum = runner.start(Command.of("sha256sum"))) {
      for (int i = 0; i < 100; i++) {
        block[0] = (byte) i;
        digest.update(block);
        sum.stdin().write(block);
      }
      sum.stdin().close();
      String line = new String(sum.stdout().readAllBytes(), UTF_8);
      assertEquals(HexFormat.of().formatHex(digest.digest()), line.split(" ")[0]);
      assertEquals(0, sum.waitFor());
    }
  }

  @Test
  void everyByteValuePasses() throws Exception {
    byte[] all = new byte[256];
    IntStream.range(0, 256).forEach(i -> all[i] = (byte) i);
    try (RunningCommand cat = runner.start(Command.of("cat"))) {
      cat.stdin().write(all);
      cat.stdin().close();
      assertArrayEquals(all, cat.stdout().readAllBytes());
    }
  }

  @Test
  void closeMidwayEndsTheTree() throws Exception {
    RunningCommand command = runner.start(sh("sleep 300 & echo $$ $!; wait"));
    List<String> pids = List.of(readLine(command.stdout()).split(" "));
    command.close();
    command.close();
    assertAllEnd(pids, 2);
  }

  @Test
  void closeWhileSomebodyWritesEndsTheCommandAndTheWriter() throws Exception {
    RunningCommand deaf = runner.start(sh("trap '' TERM; echo $$; while :; do sleep 300; done"));
    String pid = readLine(deaf.stdout());
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<?> writer = executor.submit(() -> writeForEver(deaf.stdin()));
      deaf.close();
      assertThrows(Exception.class, () -> writer.get(SOON.toSeconds(), TimeUnit.SECONDS));
      assertTrue(writer.isDone());
      assertAllEnd(List.of(pid), 1);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void whatWritesWhenItIsClosedMayEndInOrderEvenIfItHeedsNoSignal(@TempDir Path directory)
      throws Exception {
    Path cleaned = directory.resolve("cleaned");
    Command writer =
        sh(
            "trap '' TERM PIPE; while printf %0100000d 0; do :; done 2>/dev/null; sleep 0.2; touch"
                + " \"$1\"",
            cleaned.toString());
    RunningCommand running = runner.start(writer);
    assertEquals(10, running.stdout().readNBytes(10).length);
    running.close();
    assertTrue(Files.exists(cleaned));
  }

  private static Void writeForEver(OutputStream stdin) throws IOException {
    byte[] block = new byte[MIB];
    while (true) {
      stdin.write(block);
    }
  }

  @Test
  void waiterHearsOfACloseByAnotherThread() throws Exception {
    RunningCommand command = runner.start(Command.of("sleep", "300"));
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> waiter = executor.submit(command::waitFor);
      command.close();
      Object outcome = outcome(() -> waiter.get(SOON.toSeconds(), TimeUnit.SECONDS));
      assertTrue(waiter.isDone(), () -> "still waiting: " + outcome);
      assertFalse(Integer.valueOf(0).equals(outcome), "a command that was ended did not succeed");
    } finally {
      executor.shutdownNow();
    }
  }

  private static Object outcome(Callable<?> action) {
    try {
      return action.call();
    } catch (Exception e) {
      return e;
    }
  }

  @Test
  void waitForCanBeInterruptedAndTheCommandThenClosed() throws Exception {
    try (RunningCommand command = runner.start(Command.of("sleep", "300"))) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, command::waitFor);
    }
  }

  @Test
  void endOfInputIsSeenByTheCommand() throws Exception {
    try (RunningCommand count = runner.start(Command.of("wc", "-c"))) {
      count.stdin().close();
      assertEquals("0", new String(count.stdout().readAllBytes(), UTF_8).strip());
    }
  }

  @Test
  void readerThatGoesAwayDoesNotHoldTheCommand() throws Exception {
    RunningCommand zeros = runner.start(Command.of("cat", "/dev/zero"));
    assertEquals(10, zeros.stdout().readNBytes(10).length);
    zeros.close();
    assertFalse(outcome(zeros::waitFor).equals(0));
  }

  // ---- locks

  private static final String LOCK = "r4j-contract-" + ProcessHandle.current().pid();

  @Test
  void aLockIsHeldByOneAtATime() throws Exception {
    try (HostLocks first = HostLocks.take(runner, List.of(LOCK, LOCK + "-other"));
        HostLocks second = HostLocks.take(runner, List.of(LOCK + "-third", LOCK))) {
      assertEquals(HostLocks.State.HELD, first.state(LOCK), first::trouble);
      assertEquals(HostLocks.State.HELD, first.state(LOCK + "-other"));
      assertEquals(HostLocks.State.HELD, second.state(LOCK + "-third"));
      assertEquals(HostLocks.State.TAKEN, second.state(LOCK));
      first.requireHeld();
      second.requireHeld();
    }
  }

  @Test
  void aLockThatWasGivenBackCanBeTakenAtOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (HostLocks locks = HostLocks.take(runner, List.of(LOCK))) {
        assertEquals(HostLocks.State.HELD, locks.state(LOCK), locks::trouble);
      }
    }
  }

  @Test
  void manyLocksAreHeldByOneCommand() throws Exception {
    List<String> names = IntStream.range(0, 40).mapToObj(i -> LOCK + "-" + i).toList();
    try (HostLocks locks = HostLocks.take(runner, names);
        HostLocks late = HostLocks.take(runner, names)) {
      names.forEach(name -> assertEquals(HostLocks.State.HELD, locks.state(name)));
      names.forEach(name -> assertEquals(HostLocks.State.TAKEN, late.state(name)));
    }
  }

  // ---- many

  @Test
  void manyCommandsAtOnce() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(16);
    try {
      List<Future<CommandResult>> runs = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int n = i;
        runs.add(executor.submit(() -> runner.run(sh("sleep 0.02; echo $1", Integer.toString(n)))));
      }
      for (int i = 0; i < runs.size(); i++) {
        assertEquals(i + "\n", runs.get(i).get().output());
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void manyStreamsAreOpenAtOnceAndCommandsRunBesides() throws Exception {
    List<RunningCommand> open = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      open.add(runner.start(Command.of("cat")));
    }
    assertTrue(runner.run(Command.of("true")).succeeded());
    Collections.reverse(open);
    for (RunningCommand cat : open) {
      cat.stdin().write("x".getBytes(UTF_8));
      cat.stdin().close();
      assertEquals("x", new String(cat.stdout().readAllBytes(), UTF_8));
      assertEquals(0, cat.waitFor());
      cat.close();
    }
  }

  @Test
  void closingTheRunnerEndsWhatRuns() throws Exception {
    RunningCommand command = runner.start(sh("sleep 300 & echo $$ $!; wait"));
    List<String> pids = List.of(readLine(command.stdout()).split(" "));
    runner.close();
    assertAllEnd(pids, 2);
    assertThrows(IllegalStateException.class, () -> runner.run(Command.of("true")));
    runner.close();
  }

  /** Waits until none of the processes runs. */
  protected static void assertAllEnd(List<String> pids, int count) throws Exception {
    assertEquals(count, pids.size(), pids::toString);
    for (String pid : pids) {
      ProcessHandle handle = ProcessHandle.of(Long.parseLong(pid.strip())).orElse(null);
      if (handle != null) {
        handle.onExit().get(SOON.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  private static String readLine(InputStream in) throws IOException {
    return IntStream.generate(() -> readUnchecked(in))
        .takeWhile(c -> c != '\n' && c >= 0)
        .mapToObj(c -> String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  private static int readUnchecked(InputStream in) {
    try {
      return in.read();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
