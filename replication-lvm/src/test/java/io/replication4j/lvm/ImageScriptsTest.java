package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.AlreadyExistsException;
import io.replication4j.FilesystemName;
import io.replication4j.IncompleteTransferException;
import io.replication4j.ReplicationException;
import io.replication4j.TargetModifiedException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts that change an image, one by one: as a second sync, or what a killed one left
 * running, may find and meet them. In {@code 1-a} the image is full of {@code a}, in {@code 2-b} of
 * {@code b}.
 */
class ImageScriptsTest {

  private static final int SIZE = 8192;

  @TempDir private Path directory;
  private final LocalCommandRunner runner = LocalCommandRunner.create();
  private final ImageCommands commands = new ImageCommands(ImageOptions.defaults());
  private Path image = Path.of("/");

  @BeforeEach
  void open() {
    image = directory.resolve("image");
  }

  @AfterEach
  void close() {
    runner.close();
  }

  private FilesystemName name() {
    return FilesystemName.of(image.toString());
  }

  private Path beside(String ending) {
    return Path.of(image + ending);
  }

  private static String content(String id) {
    return id.substring(id.length() - 1).repeat(SIZE);
  }

  private static String time(String id) {
    return "0.00000000" + id.charAt(0);
  }

  private static String whole(String id) {
    return "image " + SIZE + " " + id + " " + time(id) + "\n" + pieces(id) + "end digest\n";
  }

  private static String pieces(String id) {
    return "data 0 " + SIZE + "\n" + content(id);
  }

  /** As a host takes it in that writes it through. */
  private static String through(String id) {
    return "patch " + SIZE + " " + id + " " + time(id) + " " + SIZE + "\n" + pieces(id) + "end\n";
  }

  private static String increment(String id) {
    String spool = "patch " + SIZE + " " + id + " " + time(id) + "\n" + pieces(id) + "end\n";
    return "patch "
        + SIZE
        + " "
        + id
        + " "
        + time(id)
        + " "
        + SIZE
        + "\nblock "
        + spool.length()
        + "\n"
        + spool
        + "whole "
        + spool.length()
        + "\nend digest\n";
  }

  private Command receiving(String expected) {
    return receiving(expected, "-");
  }

  private Command receiving(String expected, String mark) {
    return commands.receive(name(), "sent", expected, mark);
  }

  /** Of what was received where nothing was. */
  private Command placing(String id) {
    return commands.finish(name(), "nothing", "-", id, "sent");
  }

  private CommandResult run(Command command) throws InterruptedException {
    return runner.run(command);
  }

  private void succeed(Command command) throws InterruptedException {
    CommandResult result = run(command);
    assertTrue(result.succeeded(), result::toString);
  }

  private ReplicationException refused(Command command) throws InterruptedException {
    CommandResult result = run(command);
    assertFalse(result.succeeded(), result::toString);
    return ImageErrors.of("here", command, result);
  }

  private void hold(String id) throws InterruptedException {
    succeed(receiving("nothing").withInput(whole(id)));
    succeed(placing(id));
    assertHolds(id);
  }

  private void spool(String base, String id) throws InterruptedException {
    succeed(receiving("holds " + base).withInput(increment(id)));
  }

  private Command commit(String base, String id) {
    return committing("holds " + base, "-", id);
  }

  private Command committing(String expected, String mark, String id) {
    return commands.finish(name(), expected, mark, id, "sent");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void assertHolds(String id) {
    assertEquals(content(id), read(image));
    assertTrue(state().startsWith("holds " + id + " "), this::state);
  }

  private String state() {
    return read(beside(".r4j"));
  }

  private String inode(Path file) throws IOException {
    return String.valueOf(Files.getAttribute(file, "unix:ino"));
  }

  private String mark(Path file) throws InterruptedException {
    return stat("%i:%s:%.9Y", file);
  }

  private String stat(String format, Path file) throws InterruptedException {
    return run(Command.of("stat", "-c", format, file.toString())).output().strip();
  }

  /** As the script leaves it when it is killed right after the commit. */
  private void begin(String id) throws Exception {
    long spooled = Files.size(beside(".r4j-spool"));
    Files.writeString(
        beside(".r4j"),
        "applying "
            + id
            + " sent "
            + SIZE
            + " "
            + time(id)
            + " "
            + stat("%i.%.9W", image)
            + " "
            + spooled
            + "\n");
  }

  /** Has the image to itself until somebody waits for it; then runs a script, and lets go. */
  private RunningCommand holding(String script) throws Exception {
    return holding(image, script);
  }

  private RunningCommand holding(Path file, String script) throws Exception {
    String wait =
        "echo held; n=0; until [ $((n += 1)) = 300 ] || grep -q -- '-> FLOCK.*:"
            + inode(file)
            + " ' /proc/locks; do sleep 0.02; done; ";
    RunningCommand holder =
        runner.start(Command.of("flock", file.toString(), "sh", "-c", wait + script));
    assertEquals('h', holder.stdout().read());
    return holder;
  }

  @Test
  void whatAnotherSyncReceivedIsNotTakenForOnesOwn() throws Exception {
    succeed(receiving("nothing").withInput(whole("1-a")));
    succeed(receiving("nothing").withInput(whole("2-b")));
    assertInstanceOf(TargetModifiedException.class, refused(placing("1-a")));
    assertFalse(Files.exists(image));
    succeed(placing("2-b"));
    assertHolds("2-b");
  }

  /** With and without perl: dd opens what it writes again and again. */
  @Test
  void twoThatReceiveAtOnceDoNotMix() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    for (String program :
        List.of(
            "sh",
            "dd",
            "mkdir",
            "mv",
            "realpath",
            "rm",
            "stat",
            "sync",
            "tail",
            "touch",
            "tr",
            "truncate")) {
      Files.createSymbolicLink(bin.resolve(program), Path.of("/usr/bin", program));
    }
    for (String path : List.of("/usr/bin:/bin", bin.toString())) {
      List<String> words =
          new java.util.ArrayList<>(List.of("/usr/bin/env", "PATH=" + path, "/bin/sh"));
      List<String> script = receiving("nothing").argv();
      words.addAll(script.subList(1, script.size()));
      RunningCommand slow = runner.start(Command.of(words));
      OutputStream in = slow.stdin();
      String stream = whole("1-a");
      int half = stream.indexOf("data");
      in.write(stream.substring(0, half).getBytes(StandardCharsets.US_ASCII));
      in.flush();
      while (!Files.exists(beside(".r4j-new")) || Files.size(beside(".r4j-new")) < SIZE) {
        Thread.onSpinWait();
      }
      succeed(receiving("nothing").withInput(whole("2-b")));
      in.write(stream.substring(half).getBytes(StandardCharsets.US_ASCII));
      in.close();
      assertNotEquals(0, slow.waitFor(), path);
      assertEquals(content("2-b"), read(beside(".r4j-new")), path);
      succeed(commands.abort(name()));
      Files.deleteIfExists(beside(".r4j"));
    }
  }

  @Test
  void whoWaitsForAnotherSyncSeesWhatThatDid() throws Exception {
    hold("1-a");
    spool("1-a", "3-c");
    String other = state().replace("holds 1-a", "holds 2-b");
    Files.writeString(directory.resolve("other"), other);
    try (RunningCommand holder =
        holding("mv '" + directory.resolve("other") + "' '" + beside(".r4j") + "'")) {
      assertInstanceOf(TargetModifiedException.class, refused(commit("1-a", "3-c")));
      assertEquals(0, holder.waitFor());
    }
    assertEquals(content("1-a"), read(image));
    assertEquals(other, state());
  }

  @Test
  void aFileIsNotMovedAsideWhileAnotherSyncIsAtWorkOnIt() throws Exception {
    hold("1-a");
    try (RunningCommand holder = holding("[ -e '" + image + "' ]")) {
      succeed(commands.keepAside(name(), "aside", mark(image)));
      assertEquals(0, holder.waitFor());
    }
    assertEquals(content("1-a"), read(beside(".aside")));
  }

  @Test
  void anIncrementThatWasBegunKeepsWhatItNeeds() throws Exception {
    hold("1-a");
    spool("1-a", "2-b");
    begin("2-b");
    assertInstanceOf(TargetModifiedException.class, refused(commands.abort(name())));
    assertInstanceOf(
        TargetModifiedException.class, refused(receiving("holds 1-a").withInput(increment("3-c"))));
    succeed(commands.finish(name()));
    assertHolds("2-b");
    assertFalse(Files.exists(beside(".r4j-spool")));
  }

  /** On many filesystems it has even the inode of the one that was removed. */
  @Test
  void aFileThatTookThePlaceOfOneThatWasBegunIsNotWrittenTo() throws Exception {
    hold("1-a");
    spool("1-a", "2-b");
    begin("2-b");
    Files.delete(image);
    Files.writeString(image, content("9-x"));
    run(commands.finish(name()));
    assertEquals(content("9-x"), read(image));
  }

  @Test
  void aNewFileThatTookThePlaceOfOneThatWasReceivedIsNotTakenForIt() throws Exception {
    succeed(receiving("nothing").withInput(whole("1-a")));
    succeed(commands.abort(name()));
    Files.writeString(beside(".r4j-new"), content("9-x"));
    assertFalse(run(placing("1-a")).succeeded());
    assertFalse(Files.exists(image));
  }

  @Test
  void aWholeFileThatIsToTakeItsPlaceIsNotThrownAway() throws Exception {
    succeed(receiving("nothing").withInput(whole("1-a")));
    Files.writeString(
        beside(".r4j"), "holds 1-a sent " + SIZE + " " + mark(beside(".r4j-new")) + "\n");
    assertInstanceOf(TargetModifiedException.class, refused(commands.abort(name())));
    succeed(commands.finish(name()));
    assertHolds("1-a");
  }

  @Test
  void aWholeFileThatIsAnotherByNowDoesNotTakeThePlace() throws Exception {
    succeed(receiving("nothing").withInput(whole("1-a")));
    Files.writeString(
        beside(".r4j"), "holds 1-a sent " + SIZE + " " + mark(beside(".r4j-new")) + "\n");
    Files.writeString(beside(".r4j-new"), "another");
    run(commands.finish(name()));
    assertFalse(Files.exists(image));
  }

  @Test
  void aSpoolThatIsNotWholeIsNeverBegunWith() throws Exception {
    hold("1-a");
    spool("1-a", "2-b");
    String spool = read(beside(".r4j-spool"));
    Files.writeString(beside(".r4j-spool"), spool.substring(0, spool.length() - 10));
    assertInstanceOf(TargetModifiedException.class, refused(commit("1-a", "2-b")));
    assertHolds("1-a");
  }

  @Test
  void anImageThatCannotBeWrittenToStaysTheOldVersion() throws Exception {
    Files.copy(Path.of("/usr/bin/sleep"), image);
    Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rwx------"));
    Files.setLastModifiedTime(image, FileTime.from(Instant.EPOCH));
    String holds = "holds 1-a sent " + SIZE + " " + mark(image) + "\n";
    Files.writeString(beside(".r4j"), holds);
    spool("1-a", "2-b");
    try (RunningCommand program = runner.start(Command.of(image.toString(), "600"))) {
      assertEquals("", program.errorTail());
      assertFalse(run(commit("1-a", "2-b")).succeeded()); // Text file busy
    }
    assertEquals(holds, state());
  }

  @Test
  void aStateIsNotWrittenThroughALinkThatSomebodyLaidThere() throws Exception {
    hold("1-a");
    Path victim = Files.writeString(directory.resolve("victim"), "mine");
    Files.createSymbolicLink(beside(".r4j-next"), victim);
    succeed(commands.label(name(), "sent", "other"));
    assertEquals("mine", read(victim));
    assertFalse(Files.isSymbolicLink(beside(".r4j")));
    assertTrue(Files.isRegularFile(beside(".r4j"), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void aRefusalNamesWhatItIsAboutWhateverTheName() throws Exception {
    image = directory.resolve("a\\cb\\n*");
    hold("1-a");
    ReplicationException e = refused(receiving("nothing").withInput(whole("2-b")));
    assertInstanceOf(AlreadyExistsException.class, e);
    assertTrue(String.valueOf(e.getMessage()).contains(image + " exists"), e::toString);
  }

  @Test
  void aStreamThatEndsEarlyIsNoVersion() throws Exception {
    String stream = whole("1-a");
    Command cut = receiving("nothing").withInput(stream.substring(0, stream.indexOf("end digest")));
    assertInstanceOf(IncompleteTransferException.class, refused(cut));
    assertFalse(Files.exists(image));
  }

  /** The image is half of {@code id}: what wrote it through was cut. */
  private void tear(String base, String id) throws InterruptedException {
    String stream = through(id);
    String half = stream.substring(0, stream.length() - SIZE / 2);
    Command cut = writingThrough().receive(name(), "sent", "holds " + base, "-").withInput(half);
    assertInstanceOf(IncompleteTransferException.class, refused(cut));
    assertTrue(state().startsWith("torn " + id + " "), this::state);
  }

  private static ImageCommands writingThrough() {
    return new ImageCommands(ImageOptions.builder().nonAtomic().build());
  }

  @Test
  void aSpoolThatMendsWhatWasTornIsAppliedBeforeTheImageIsThatVersion() throws Exception {
    hold("1-a");
    tear("1-a", "2-b");
    String seen = mark(image);
    succeed(receiving("torn 2-b", seen).withInput(increment("2-b")));
    succeed(committing("torn 2-b", seen, "2-b"));
    assertHolds("2-b");
    assertFalse(Files.exists(beside(".r4j-spool")));
  }

  @Test
  void whatIsWrittenThroughBecomesTheVersion() throws Exception {
    hold("1-a");
    ImageCommands through = writingThrough();
    String seen = mark(image);
    succeed(through.receive(name(), "sent", "holds 1-a", seen).withInput(through("2-b")));
    succeed(through.finish(name(), "holds 1-a", seen, "2-b", "sent"));
    assertHolds("2-b");
    assertTrue(state().endsWith(" " + mark(image) + "\n"), this::state);
  }

  @Test
  void whatSomebodyWritesAfterItWasWrittenThroughIsNotHidden() throws Exception {
    hold("1-a");
    ImageCommands through = writingThrough();
    String seen = mark(image);
    succeed(through.receive(name(), "sent", "holds 1-a", seen).withInput(through("2-b")));
    Files.writeString(image, content("9-x"));
    assertInstanceOf(
        TargetModifiedException.class,
        refused(through.finish(name(), "holds 1-a", seen, "2-b", "sent")));
    assertEquals(content("9-x"), read(image));
    assertTrue(state().startsWith("torn 2-b "), this::state);
  }

  /** By another file, and by a write: what was compared for hours is neither. */
  @Test
  void nothingIsReceivedForWhatIsNotWhatWasCompared() throws Exception {
    for (boolean isReplaced : List.of(true, false)) {
      for (ImageCommands kind : List.of(commands, writingThrough())) {
        image = directory.resolve("image" + isReplaced + kind.hashCode());
        hold("1-a");
        tear("1-a", "2-b");
        String seen = mark(image);
        if (isReplaced) {
          Files.delete(image);
        }
        Files.writeString(image, content("9-x"));
        String stream = kind == commands ? increment("3-c") : through("3-c");
        assertInstanceOf(
            TargetModifiedException.class,
            refused(kind.receive(name(), "sent", "torn 2-b", seen).withInput(stream)));
        assertEquals(content("9-x"), read(image));
        assertTrue(state().startsWith("torn 2-b "), this::state);
      }
    }
  }

  @Test
  void anIncrementIsNotAppliedToWhatIsNotWhatWasCompared() throws Exception {
    for (boolean isReplaced : List.of(true, false)) {
      image = directory.resolve("image" + isReplaced);
      hold("1-a");
      tear("1-a", "2-b");
      String seen = mark(image);
      succeed(receiving("torn 2-b", seen).withInput(increment("3-c")));
      if (isReplaced) {
        Files.delete(image);
      }
      Files.writeString(image, content("9-x"));
      assertInstanceOf(TargetModifiedException.class, refused(committing("torn 2-b", seen, "3-c")));
      assertEquals(content("9-x"), read(image));
    }
  }

  @Test
  void aNewFileThatDidNotArriveWholeIsNoVersion() throws Exception {
    String stream = whole("1-a");
    refused(receiving("nothing").withInput(stream.substring(0, stream.length() - SIZE / 2)));
    assertTrue(state().startsWith("filling 1-a "), this::state);
    assertInstanceOf(TargetModifiedException.class, refused(placing("1-a")));
    assertFalse(Files.exists(image));
  }

  @Test
  void whatWasKeptOfAnotherVersionIsNotTouched() throws Exception {
    String stream = whole("1-a");
    refused(receiving("nothing").withInput(stream.substring(0, stream.length() - SIZE / 2)));
    String kept = read(beside(".r4j-new"));
    assertInstanceOf(
        TargetModifiedException.class,
        refused(receiving("nothing").withInput("kept 10 2-b " + time("2-b") + "\nend\n")));
    assertEquals(kept, read(beside(".r4j-new")));
  }

  @Test
  void aFileIsNotMovedAsideThatIsNotTheOneThatWasLookedAt() throws Exception {
    hold("1-a");
    Files.writeString(image, content("9-x"));
    String seen = mark(image);
    Files.delete(image);
    hold("2-b");
    assertInstanceOf(
        TargetModifiedException.class, refused(commands.keepAside(name(), "aside", seen)));
    assertHolds("2-b");
  }

  /** As NFSv4 does, where flock(2) is a lock of bytes. */
  @Test
  void aHostThatLocksOnlyWhatIsOpenForWritingIsServed() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Path flock =
        Files.writeString(
            bin.resolve("flock"),
            """
            #!/bin/sh
            for fd; do :; done
            case $* in *-s*) ;; *)
              grep -q '^flags:.*[12]$' "/proc/self/fdinfo/$fd" || { echo "flock: $fd: Bad file descriptor" >&2; exit 65; };;
            esac
            exec /usr/bin/flock "$@"
            """);
    Files.setPosixFilePermissions(flock, PosixFilePermissions.fromString("rwxr-xr-x"));
    succeed(with(bin, receiving("nothing")).withInput(whole("1-a")));
    succeed(with(bin, placing("1-a")));
    assertHolds("1-a");
    Files.writeString(flock, "#!/bin/sh\necho 'flock: 9: No locks available' >&2\nexit 71\n");
    CommandResult result = run(with(bin, commands.label(name(), "sent", "other")));
    assertFalse(result.succeeded());
    assertTrue(result.errorTail().contains("No locks available"), result::toString);
    assertFalse(result.errorTail().contains("another sync"), result::toString);
  }

  private static Command with(Path bin, Command command) {
    List<String> words =
        new java.util.ArrayList<>(List.of("/usr/bin/env", "PATH=" + bin + ":/usr/bin:/bin"));
    words.addAll(command.argv());
    return Command.of(words);
  }

  @Test
  void aWholeFileThatIsToTakeItsPlaceIsNotReplaced() throws Exception {
    succeed(receiving("nothing").withInput(whole("1-a")));
    Files.writeString(
        beside(".r4j"), "holds 1-a sent " + SIZE + " " + mark(beside(".r4j-new")) + "\n");
    assertInstanceOf(
        TargetModifiedException.class, refused(receiving("nothing").withInput(whole("2-b"))));
    succeed(commands.finish(name()));
    assertHolds("1-a");
  }

  @Test
  void aFileThatIsTakingItsPlaceKeepsItsState() throws Exception {
    succeed(receiving("nothing").withInput(whole("1-a")));
    Path part = beside(".r4j-new");
    Path next = directory.resolve("next");
    Files.writeString(next, "holds 1-a sent " + SIZE + " " + mark(part) + "\n");
    String takes = "mv '" + next + "' '" + beside(".r4j") + "'; mv '" + part + "' '" + image + "'";
    try (RunningCommand holder = holding(part, takes)) {
      run(commands.abort(name()));
      assertEquals(0, holder.waitFor());
    }
    assertHolds("1-a");
  }

  @Test
  void aSpoolThatIsStillWrittenToIsNotApplied() throws Exception {
    hold("1-a");
    spool("1-a", "2-b");
    Path spool = beside(".r4j-spool");
    try (RunningCommand holder = holding(spool, "truncate -s 100 '" + spool + "'")) {
      assertInstanceOf(TargetModifiedException.class, refused(commit("1-a", "2-b")));
      assertEquals(0, holder.waitFor());
    }
    assertHolds("1-a");
  }

  /** What is killed and begun anew each time never ends. */
  @Test
  void whatIsAppliedMayTakeAsLongAsItNeeds() {
    for (Command applying : List.of(commands.finish(name()), commit("1-a", "2-b"))) {
      assertTrue(applying.timeout().compareTo(Duration.ofDays(1)) > 0, applying::toString);
    }
  }

  @Test
  void noTwoDevicesHaveTheSameState() {
    assertNotEquals(
        commands.abort(FilesystemName.of("/dev/a-/b")).argv().get(5),
        commands.abort(FilesystemName.of("/dev/a/-b")).argv().get(5));
  }
}
