package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NoSpaceException;
import io.replication4j.OnDivergence;
import io.replication4j.PermissionDeniedException;
import io.replication4j.ReplicationException;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.Site;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas on block devices, and files on filesystems that are full or may not be written to. */
class ImageDeviceIT {

  private static final int BYTES = (int) FakeLvm.VOLUME_BYTES;

  @TempDir private Path directory;
  private final LocalCommandRunner runner = LocalCommandRunner.create();
  private final Deque<List<String>> undo = new ArrayDeque<>();
  private final Site source = FakeLvmWorld.open(LvmOptions.defaults(), Clock.systemUTC()).source();
  private final FilesystemName from = source.name("data");

  @BeforeEach
  void open() {
    assumeTrue(
        "root".equals(System.getProperty("user.name"))
            && Files.exists(Path.of("/dev/loop-control")),
        "needs root and loop devices");
    source.create(from);
    source.write(from, "file", "one");
  }

  @AfterEach
  void undo() throws InterruptedException {
    while (!undo.isEmpty()) {
      run(undo.pop());
    }
    runner.close();
  }

  private String run(List<String> words) throws InterruptedException {
    CommandResult result = runner.run(Command.of(words));
    assertTrue(result.succeeded(), result::toString);
    return result.output();
  }

  private String run(String... words) throws InterruptedException {
    return run(List.of(words));
  }

  private Path device(byte[] content) throws Exception {
    Path file = Files.write(Files.createTempFile(directory, "disk", ""), content);
    return attach(file);
  }

  private Path attach(Path file) throws InterruptedException {
    String device = run("losetup", "--show", "-P", "-f", file.toString()).strip();
    undo.push(List.of("losetup", "-d", device));
    return Path.of(device);
  }

  private static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    new Random(7).nextBytes(random);
    return random;
  }

  private ReplicationPair pair(Path image, ImageOptions options) {
    return ReplicationPair.builder("dr")
        .source(Filesystem.of(source.backend(source.runner()), from))
        .target(ImageBackend.on(runner, options).filesystem(image.toString()))
        .policy(SyncPolicy.refusing())
        .build();
  }

  private ImageOptions options() {
    return ImageOptions.builder().deviceDirectory(directory.resolve("state").toString()).build();
  }

  private SyncReport sync(Path image) throws InterruptedException {
    return pair(image, options()).sync(SyncListener.NONE);
  }

  private static byte[] content(Path device) throws IOException {
    try (InputStream in = Files.newInputStream(device)) {
      return in.readAllBytes();
    }
  }

  private static int count(byte[] bytes, String text) {
    int count = 0;
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + 1)) {
      count++;
    }
    return count;
  }

  private void assertHolds(Path device, String text) throws Exception {
    assertEquals(1, count(content(device), "file\0" + text));
    assertEquals(List.of(), pair(device, options()).verify(SyncListener.NONE).differences());
  }

  private Path state(Path device) {
    return directory.resolve("state").resolve("dev-" + device.getFileName() + ".r4j");
  }

  @Test
  void aDeviceThatHoldsNothingBecomesTheVolume() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    assertEquals(Outcome.SYNCED, sync(device).outcome());
    assertHolds(device, "one");
    source.write(from, "file", "two");
    assertEquals(Outcome.SYNCED, sync(device).outcome());
    assertHolds(device, "two");
    assertEquals(Outcome.UP_TO_DATE, sync(device).outcome());
    assertTrue(Files.readString(state(device)).startsWith("holds "));
    assertEquals(1, count(directory.resolve("state")));
  }

  @Test
  void aDeviceThatHoldsSomethingIsNeverOverwritten() throws Exception {
    byte[] content = new byte[2 * BYTES];
    System.arraycopy(random(512), 0, content, content.length - 512, 512);
    Path device = device(content);
    for (OnDivergence choice : OnDivergence.values()) {
      ReplicationPair pair =
          ReplicationPair.builder("dr")
              .source(Filesystem.of(source.backend(source.runner()), from))
              .target(ImageBackend.on(runner, options()).filesystem(device.toString()))
              .policy(SyncPolicy.builder(choice).build())
              .build();
      assertThrows(AlreadyExistsException.class, () -> pair.sync(SyncListener.NONE));
    }
    assertArrayEquals(content, content(device));
    assertFalse(Files.exists(state(device)));
  }

  @Test
  void aStateThatWasWrittenForAnotherDeviceDoesNotCount() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    sync(device);
    Files.writeString(
        state(device), Files.readString(state(device)).replaceFirst(" \\S+\n", " another-disk\n"));
    byte[] before = content(device);
    source.write(from, "file", "two");
    assertThrows(AlreadyExistsException.class, () -> sync(device));
    assertArrayEquals(before, content(device));
  }

  @Test
  void aDeviceThatIsTooSmallIsRefusedBeforeItIsTouched() throws Exception {
    Path device = device(new byte[BYTES / 2]);
    assertThrows(NoSpaceException.class, () -> sync(device));
    assertArrayEquals(new byte[BYTES / 2], content(device));
    assertFalse(Files.exists(state(device)));
  }

  @Test
  void aDeviceThatIsInUseIsRefused() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    sync(device);
    source.write(from, "file", "two");
    try (FileChannel reader = FileChannel.open(device, StandardOpenOption.READ)) {
      assertTrue(reader.isOpen());
      assertThrows(BusyException.class, () -> sync(device));
    }
    attach(device);
    BusyException e = assertThrows(BusyException.class, () -> sync(device));
    assertTrue(String.valueOf(e.getMessage()).contains("is the content of /dev/loop"), e::toString);
    run(undo.pop());
    assertEquals(Outcome.SYNCED, sync(device).outcome());
  }

  /** Who has a /dev of his own, as libvirt gives to its machines. */
  @Test
  void aDeviceThatIsOpenByAnotherNodeIsRefused() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    sync(device);
    source.write(from, "file", "two");
    String[] numbers = run("stat", "-c", "%Hr %Lr", device.toString()).strip().split(" ");
    Path node = directory.resolve("node");
    run("mknod", node.toString(), "b", numbers[0], numbers[1]);
    try (FileChannel reader = FileChannel.open(node, StandardOpenOption.READ)) {
      assertTrue(reader.isOpen());
      BusyException e = assertThrows(BusyException.class, () -> sync(device));
      assertTrue(String.valueOf(e.getMessage()).contains("is open in process"), e::toString);
    }
    assertEquals(Outcome.SYNCED, sync(device).outcome());
  }

  @Test
  void aDeviceThatIsMountedIsRefused() throws Exception {
    Path device = device(new byte[8 * BYTES]);
    sync(device);
    run("mkfs.ext2", "-q", "-F", device.toString());
    Path mount = Files.createDirectory(directory.resolve("mount"));
    run("mount", device.toString(), mount.toString());
    undo.push(List.of("umount", mount.toString()));
    source.write(from, "file", "two");
    BusyException e = assertThrows(BusyException.class, () -> sync(device));
    assertTrue(String.valueOf(e.getMessage()).contains("is mounted at " + mount), e::toString);
  }

  private SyncReport sync(Path device, SyncPolicy policy) throws InterruptedException {
    return ReplicationPair.builder("dr")
        .source(Filesystem.of(source.backend(source.runner()), from))
        .target(ImageBackend.on(runner, options()).filesystem(device.toString()))
        .policy(policy)
        .build()
        .sync(SyncListener.NONE);
  }

  private static SyncPolicy sendingAll() {
    return SyncPolicy.builder(OnDivergence.REFUSE)
        .onBrokenChain(SyncPolicy.OnBrokenChain.FULL)
        .build();
  }

  private static Conflict conflict(SyncReport report) {
    return report.conflict().orElseThrow(() -> new AssertionError(report));
  }

  private static void overwrite(Path device, byte[] bytes) throws IOException {
    try (FileChannel out = FileChannel.open(device, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.wrap(bytes));
    }
  }

  @Test
  void aDeviceThatWasMadeEmptyIsFilledAgainIfTheCallerChoseSo() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    sync(device);
    overwrite(device, new byte[2 * BYTES]);
    assertInstanceOf(Conflict.BrokenChain.class, conflict(sync(device)));
    assertEquals(Outcome.SYNCED, sync(device, sendingAll()).outcome());
    assertHolds(device, "one");
  }

  @Test
  void anEmptyDeviceInThePlaceOfAnotherIsFilledIfTheCallerChoseSo() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    sync(device);
    Files.writeString(
        state(device), Files.readString(state(device)).replaceFirst(" \\S+\n", " another:0\n"));
    overwrite(device, new byte[2 * BYTES]);
    assertInstanceOf(Conflict.BrokenChain.class, conflict(sync(device)));
    assertEquals(Outcome.SYNCED, sync(device, sendingAll()).outcome());
    assertHolds(device, "one");
  }

  @Test
  void aDeviceOfWhichTheBeginningWasWrittenToHasDivergedAndCannotBeMoved() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    sync(device);
    overwrite(device, random(512));
    byte[] before = content(device);
    source.write(from, "file", "two");
    for (OnDivergence choice : OnDivergence.values()) {
      Conflict conflict = conflict(sync(device, SyncPolicy.builder(choice).build()));
      assertInstanceOf(Conflict.Diverged.class, conflict);
      assertTrue(conflict.message().contains("cannot be moved aside"), conflict::message);
    }
    assertArrayEquals(before, content(device));
  }

  @Test
  void aPartitionThatIsElsewhereNowIsAnotherDevice() throws Exception {
    Path disk = device(random(8 * BYTES));
    Path partition = Path.of(disk + "p1");
    long sectors = 2 * BYTES / 512;
    run("addpart", disk.toString(), "1", Long.toString(sectors), Long.toString(sectors));
    overwrite(partition, new byte[2 * BYTES]);
    assertEquals(Outcome.SYNCED, sync(partition).outcome());
    run("delpart", disk.toString(), "1");
    run("addpart", disk.toString(), "1", Long.toString(2 * sectors), Long.toString(sectors));
    byte[] before = content(partition);
    source.write(from, "file", "two");
    assertThrows(AlreadyExistsException.class, () -> sync(partition));
    assertArrayEquals(before, content(partition));
    run("delpart", disk.toString(), "1");
  }

  @Test
  void aDeviceThatIsReadOnlyStaysTheOldVersion() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    sync(device);
    source.write(from, "file", "two");
    run("blockdev", "--setro", device.toString());
    undo.push(List.of("blockdev", "--setrw", device.toString()));
    assertThrows(PermissionDeniedException.class, () -> sync(device));
    assertTrue(Files.readString(state(device)).startsWith("holds "));
    run(undo.pop());
    assertEquals(Outcome.SYNCED, sync(device).outcome());
    assertHolds(device, "two");
  }

  /** Where mounts are looked for, it is not: in a container, say. */
  @Test
  void aDeviceThatIsMountedWhereNobodyLooksIsRefused() throws Exception {
    Path device = device(new byte[8 * BYTES]);
    sync(device);
    run("mkfs.ext2", "-q", "-F", device.toString());
    String look =
        runner
            .run(
                new ImageCommands(options())
                    .look(List.of(FilesystemName.of(device.toString())), false))
            .output();
    String mark = look.substring(0, look.indexOf('\n')).split(" ")[3];
    Files.writeString(
        state(device), Files.readString(state(device)).replaceFirst(" \\S+\n", " " + mark + "\n"));
    source.write(from, "file", "two");
    Path mount = Files.createDirectory(directory.resolve("mount"));
    String script = "mount -r \"$1\" \"$2\" && echo mounted && read -r _";
    try (RunningCommand elsewhere =
        runner.start(
            Command.of(
                "unshare", "-m", "sh", "-c", script, "sh", device.toString(), mount.toString()))) {
      assertEquals('m', elsewhere.stdout().read());
      BusyException e = assertThrows(BusyException.class, () -> sync(device));
      assertTrue(String.valueOf(e.getMessage()).contains("is in use"), e::toString);
    }
    assertTrue(Files.readString(state(device)).startsWith("holds "));
  }

  @Test
  void aDeviceThatWasBeingFilledKeepsWhatArrived() throws Exception {
    Path device = device(new byte[4 << 20]);
    ImageCommands commands = new ImageCommands(options());
    FilesystemName name = FilesystemName.of(device.toString());
    int size = 2 << 20;
    String first = "data 0 " + (1 << 20) + "\n" + "x".repeat(1 << 20);
    String begun = " " + size + " 1-id 0.000000001\n";
    CommandResult cut =
        runner.run(
            commands.receive(name, "sent", "nothing", "-").withInput("image" + begun + first));
    assertEquals(65, cut.exitStatus(), cut::toString);
    CommandResult kept = runner.run(commands.kept(name, VersionId.of("1-id"), size));
    assertEquals(3, kept.output().lines().count(), kept::toString);
    String rest = "data " + (1 << 20) + " 4\nrest" + "end digest\n";
    for (Command command :
        List.of(
            commands.receive(name, "sent", "nothing", "-").withInput("kept" + begun + rest),
            commands.finish(name, "nothing", "-", "1-id", "sent"))) {
      CommandResult result = runner.run(command);
      assertTrue(result.succeeded(), result::toString);
    }
    byte[] content = content(device);
    assertEquals('x', content[(1 << 20) - 1]);
    assertEquals('r', content[1 << 20]);
    assertTrue(Files.readString(state(device)).startsWith("holds 1-id "));
  }

  @Test
  void aDeviceThatWasBeingFilledIsFilledAgain() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    ImageCommands commands = new ImageCommands(options());
    FilesystemName name = FilesystemName.of(device.toString());
    String cut = "image " + BYTES + " 1-id 0.000000001\ndata 0 4096\n" + "x".repeat(4096);
    CommandResult result =
        runner.run(commands.receive(name, "tosend-dr", "nothing", "-").withInput(cut));
    assertEquals(65, result.exitStatus(), result::toString);
    assertTrue(Files.readString(state(device)).startsWith("filling "));
    assertEquals(Outcome.SYNCED, sync(device).outcome());
    assertHolds(device, "one");
  }

  private void beginToFill(Path device) throws Exception {
    String cut = "image " + BYTES + " 1-id 0.000000001\ndata 0 4096\n" + "x".repeat(4096);
    CommandResult result =
        runner.run(
            new ImageCommands(options())
                .receive(FilesystemName.of(device.toString()), "sent", "nothing", "-")
                .withInput(cut));
    assertEquals(65, result.exitStatus(), result::toString);
    assertTrue(Files.readString(state(device)).startsWith("filling "));
  }

  /** Its name and the file behind it are the same; it is not what was being filled. */
  @Test
  void aDeviceThatWasAttachedAnewIsNotTheOneThatWasBeingFilled() throws Exception {
    Path file = Files.write(directory.resolve("disk"), new byte[2 * BYTES]);
    Path device = attach(file);
    beginToFill(device);
    run("losetup", "-d", device.toString());
    byte[] others = random(2 * BYTES);
    Files.write(file, others);
    run("losetup", device.toString(), file.toString());
    assertThrows(AlreadyExistsException.class, () -> sync(device));
    assertArrayEquals(others, content(device));
  }

  @Test
  void aDeviceThatNothingTellsFromOthersIsAnotherAfterARestart() throws Exception {
    Path device = device(new byte[2 * BYTES]);
    beginToFill(device);
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    String state = Files.readString(state(device));
    assertTrue(state.contains(boot), state);
    Files.writeString(state(device), state.replace(boot, "another-boot"));
    byte[] before = content(device);
    assertThrows(AlreadyExistsException.class, () -> sync(device));
    assertArrayEquals(before, content(device));
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  private Path filesystem(String options) throws Exception {
    Path mount = Files.createDirectory(directory.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", mount.toString());
    undo.push(List.of("umount", mount.toString()));
    return mount;
  }

  @Test
  void aFilesystemWithoutRoomIsSaidToBeFullBeforeAnythingIsSpooled() throws Exception {
    Path mount = filesystem("size=256k");
    Path image = mount.resolve("image");
    assertEquals(Outcome.SYNCED, sync(image).outcome());
    ((FakeLvm) source.runner()).scribble("data", 100);
    byte[] before = content(image);
    SyncPolicy comparing =
        SyncPolicy.builder(OnDivergence.REFUSE)
            .onBrokenChain(SyncPolicy.OnBrokenChain.COMPARE)
            .build();
    ReplicationPair pair =
        ReplicationPair.builder("dr")
            .source(Filesystem.of(source.backend(source.runner()), from))
            .target(ImageBackend.on(runner, options()).filesystem(image.toString()))
            .policy(comparing)
            .build();
    NoSpaceException e = assertThrows(NoSpaceException.class, () -> pair.sync(SyncListener.NONE));
    assertTrue(String.valueOf(e.getMessage()).contains("bytes free, and"), e::toString);
    assertArrayEquals(before, content(image));
    run("mount", "-o", "remount,size=8m", mount.toString());
    assertEquals(Outcome.SYNCED, pair.sync(SyncListener.NONE).outcome());
  }

  @Test
  void aWholeImageForWhichThereIsNoRoomLeavesTheNextSyncAllItNeeds() throws Exception {
    ((FakeLvm) source.runner()).scribble("data", 100);
    Path mount = filesystem("size=128k");
    assertThrows(NoSpaceException.class, () -> sync(mount.resolve("image")));
    run("mount", "-o", "remount,size=8m", mount.toString());
    assertEquals(Outcome.SYNCED, sync(mount.resolve("image")).outcome());
    assertEquals(2, count(mount));
  }

  @Test
  void aFilesystemThatIsReadOnlyIsRefusedBeforeAnythingIsDone() throws Exception {
    Path mount = filesystem("size=8m");
    sync(mount.resolve("image"));
    source.write(from, "file", "two");
    run("mount", "-o", "remount,ro", mount.toString());
    ReplicationException e =
        assertThrows(PermissionDeniedException.class, () -> sync(mount.resolve("image")));
    assertTrue(String.valueOf(e.getMessage()).contains("read-only"), e::toString);
  }
}
