package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.BusyException;
import io.replication4j.Conflict;
import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.OnDivergence;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.SyncStep;
import io.replication4j.TargetModifiedException;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import io.replication4j.Verification;
import io.replication4j.WrongStorageException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.ImageWorld;
import io.replication4j.testing.Site;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that are plain files: real ones, written by this machine's sh(1) and coreutils. */
class ImageTest {

  private static final SyncPolicy REFUSING = SyncPolicy.refusing();
  private static final int MIB = 1 << 20;

  private ImageWorld world;
  private FilesystemName from;
  private FilesystemName to;
  private ImageOptions options = ImageOptions.defaults();

  @BeforeEach
  void openWorld() throws IOException {
    world = ImageWorld.open(Clock.systemUTC());
    from = world.source().name("data");
    to = world.target().name("image");
    world.source().create(from);
    world.source().write(from, "file", "one");
  }

  @AfterEach
  void closeWorld() {
    world.close();
  }

  private FakeLvm lvm() {
    return (FakeLvm) world.source().runner();
  }

  private Path image() {
    return Path.of(to.value());
  }

  private Path beside(String ending) {
    return Path.of(to + ending);
  }

  private Filesystem target() {
    return Filesystem.of(ImageBackend.on(world.target().runner(), options), to);
  }

  private ReplicationPair pair(SyncPolicy policy) {
    Site here = world.source();
    return ReplicationPair.builder("data-dr")
        .source(Filesystem.of(here.backend(here.runner()), from))
        .target(target())
        .policy(policy)
        .build();
  }

  private SyncReport sync(SyncPolicy policy) throws InterruptedException {
    return pair(policy).sync(SyncListener.NONE);
  }

  private SyncReport sync() throws InterruptedException {
    return sync(REFUSING);
  }

  private void assertSynced() throws InterruptedException {
    assertEquals(Outcome.SYNCED, sync().outcome());
    assertEqual();
  }

  private void assertEqual() {
    assertEquals(world.source().content(from), world.target().content(to));
    assertEquals(Set.of(), world.target().leftovers());
  }

  private static SyncPolicy comparing() {
    return SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.COMPARE).build();
  }

  private static Conflict conflict(SyncReport report) {
    return report.conflict().orElseThrow(() -> new AssertionError(report));
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  @Test
  void anIncrementIsAsLargeAsWhatChangedAndAnIdleOneIsNothing() throws InterruptedException {
    SyncReport full = sync();
    assertEquals(Outcome.SYNCED, full.outcome());
    assertEqual();
    world.source().write(from, "file", "two");
    SyncReport increment = sync();
    assertEquals(Outcome.SYNCED, increment.outcome());
    assertTrue(increment.bytes() < full.bytes() / 10, () -> full.bytes() + " " + increment.bytes());
    assertEqual();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  @Test
  void aFileHasTheTimeOfItsVersion() throws Exception {
    SyncReport report = sync();
    FileTime changed = Files.getLastModifiedTime(image());
    assertEquals(report.asOf().orElseThrow(), changed.toInstant());
  }

  @Test
  void zeroesAreHoles() throws Exception {
    lvm().createVolume("large", 40L * MIB);
    from = world.source().name("large");
    world.source().write(from, "file", "one");
    lvm().scribble("large", 20);
    assertSynced();
    assertEquals(40L * MIB, Files.size(image()));
    assertTrue(allocated() < 4L * MIB, () -> "" + allocated());
    world.source().write(from, "file", "two");
    assertSynced();
    assertTrue(allocated() < 4L * MIB, () -> "" + allocated());
    assertEquals(List.of(), pair(REFUSING).verify(SyncListener.NONE).differences());
  }

  private long allocated() {
    return Long.parseLong(stat("%b")) * 512;
  }

  private String inodeAndBirth() {
    return stat("%i.%.9W");
  }

  private String stat(String format) {
    try {
      CommandResult result =
          world.target().runner().run(Command.of("stat", "-c", format, to.value()));
      return result.output().strip();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFileGrowsWithItsSource() throws Exception {
    assertSynced();
    lvm().extend("data", MIB);
    world.source().write(from, "file", "two");
    lvm().scribble("data", 3);
    assertSynced();
    assertEquals(FakeLvm.VOLUME_BYTES + MIB, Files.size(image()));
  }

  @Test
  void aPlanShowsWhatIsThereAlreadyAndChangesNothing() throws Exception {
    assertSynced();
    byte[] before = Files.readAllBytes(beside(".r4j"));
    world.source().write(from, "file", "two");
    SyncPlan.Transfer plan = assertInstanceOf(SyncPlan.Transfer.class, pair(REFUSING).plan());
    assertEquals(1, plan.steps().stream().filter(s -> s.step() instanceof SyncStep.Send).count());
    assertArrayEquals(before, Files.readAllBytes(beside(".r4j")));
    assertEquals(Outcome.SYNCED, pair(REFUSING).execute(plan, SyncListener.NONE).outcome());
    assertEqual();
  }

  @Test
  void aLinkIsFollowed() throws Exception {
    Path real = Files.createDirectory(image().resolveSibling("real")).resolve("image");
    Files.createSymbolicLink(image(), real);
    assertSynced();
    world.source().write(from, "file", "two");
    assertSynced();
    assertTrue(Files.isRegularFile(real) && Files.exists(Path.of(real + ".r4j")));
    assertTrue(Files.isSymbolicLink(image()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-lead", " a 'b' \"c\" $(touch pwned) `id`; d", "ümlaut-日本", "a\\nb*", "%s"})
  void namesMayHoldAnything(String leaf) throws InterruptedException {
    to = world.target().name(leaf);
    assertSynced();
    world.source().write(from, "file", "two");
    assertSynced();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"relative/path", "/", "/a\nb", "/srv/image.r4j", "/srv/image.r4j-new", "/a/../b"})
  void namesThatCannotBeAreRefused(String name) {
    ImageBackend backend = ImageBackend.on(world.target().runner());
    assertThrows(IllegalArgumentException.class, () -> backend.filesystem(name));
  }

  @Nested
  class WhatIsInTheWay {

    @Test
    void anImageIsNoSource() {
      ReplicationPair back =
          ReplicationPair.builder("back")
              .source(target())
              .target(target())
              .policy(REFUSING)
              .build();
      UnsupportedException e = assertThrows(UnsupportedException.class, back::plan);
      assertTrue(message(e).contains("target only"), e::toString);
    }

    @Test
    void aDirectoryThatIsMissing() {
      to = world.target().name("none/image");
      assertThrows(NotFoundException.class, ImageTest.this::sync);
    }

    @Test
    void aDeviceThatIsMissing() {
      to = FilesystemName.of("/dev/r4j-no-such-device");
      assertThrows(NotFoundException.class, ImageTest.this::sync);
      assertFalse(Files.exists(image()));
    }

    @Test
    void aDirectory() throws IOException {
      Files.createDirectory(image());
      assertThrows(WrongStorageException.class, ImageTest.this::sync);
    }

    @Test
    void somebodysFile() throws Exception {
      Files.writeString(image(), "mine");
      assertInstanceOf(Conflict.NoCommonBase.class, conflict(sync()));
      assertEquals("mine", Files.readString(image()));
      assertEquals(
          Outcome.SYNCED, sync(SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build()).outcome());
      assertEqual();
      try (Stream<Path> files = Files.list(image().getParent())) {
        assertTrue(
            files
                .filter(file -> file.toString().contains(".aside-"))
                .anyMatch(file -> "mine".equals(read(file))));
      }
    }

    private String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Test
    void somebodyWhoHasItOpen() throws Exception {
      assertSynced();
      world.source().write(from, "file", "two");
      try (FileChannel reader = FileChannel.open(image(), StandardOpenOption.READ)) {
        assertTrue(reader.isOpen());
        BusyException e = assertThrows(BusyException.class, ImageTest.this::sync);
        assertTrue(
            message(e).contains("is open in process " + ProcessHandle.current().pid()),
            e::toString);
      }
      assertSynced();
    }

    @Test
    void somebodyWhoOpensItMeanwhile() throws Exception {
      assertSynced();
      world.source().write(from, "file", "two");
      Map<String, String> before = world.target().content(to);
      SyncListener opens =
          new SyncListener() {
            @Override
            public void beforeStep(String pair, SyncStep step) {
              if (step instanceof SyncStep.Send) {
                keepOpen();
              }
            }
          };
      assertThrows(BusyException.class, () -> pair(REFUSING).sync(opens));
      reader.orElseThrow().close();
      assertEquals(before, world.target().content(to));
      assertSynced();
    }

    private Optional<FileChannel> reader = Optional.empty();

    private void keepOpen() {
      try {
        reader = Optional.of(FileChannel.open(image(), StandardOpenOption.READ));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Test
    void anImageThatIsShorterThanItShouldBe() throws Exception {
      assertSynced();
      Files.writeString(
          beside(".r4j"),
          Files.readString(beside(".r4j"))
              .replace(" " + FakeLvm.VOLUME_BYTES + " ", " " + 2 * FakeLvm.VOLUME_BYTES + " "));
      Map<String, String> before = world.target().content(to);
      world.source().write(from, "file", "two");
      assertInstanceOf(Conflict.Diverged.class, conflict(sync()));
      assertEquals(before, world.target().content(to));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "rubbish",
          "holds 1-a sent -5 mark",
          "holds 1-a sent 99999999999999999999 mark",
          "holds 1-a -sent 5 mark",
          "holds 1-a +0A 5 mark",
          "holds -1 sent 5 mark",
          "holds 1\u0007 sent 5 mark",
          "applying 1-a sent 5",
          "filling 1-a sent 5 0.1 2 3 4",
          "record only"
        })
    void aStateThatIsSomebodyElses(String line) throws Exception {
      Files.writeString(beside(".r4j"), line + "\n");
      assertThrows(UnexpectedOutputException.class, ImageTest.this::sync);
      assertEquals(line + "\n", Files.readString(beside(".r4j")));
    }
  }

  @Test
  void aSourceThatBecameSmallerIsNotFollowed() throws Exception {
    world.close();
    world = ImageWorld.withThinSource(Clock.systemUTC());
    to = world.target().name("image");
    world.source().create(from);
    world.source().write(from, "file", "one");
    assertSynced();
    lvm().shrink("data", FakeLvm.VOLUME_BYTES / 2);
    byte[] before = Files.readAllBytes(image());
    UnsupportedException e = assertThrows(UnsupportedException.class, this::sync);
    assertTrue(message(e).contains("made smaller is not followed"), e::toString);
    assertArrayEquals(before, Files.readAllBytes(image()));
  }

  @Nested
  class AFileThatWasWrittenTo {

    @BeforeEach
    void diverge() throws InterruptedException {
      assertSynced();
      world.target().write(to, "own", "change");
      world.source().write(from, "file", "two");
    }

    @Test
    void isRefused() throws InterruptedException {
      Map<String, String> changed = world.target().content(to);
      assertInstanceOf(Conflict.Diverged.class, conflict(sync()));
      assertEquals(changed, world.target().content(to));
    }

    @Test
    void isNotRolledBack() throws InterruptedException {
      Map<String, String> changed = world.target().content(to);
      Conflict conflict = conflict(sync(SyncPolicy.builder(OnDivergence.ROLL_BACK).build()));
      assertTrue(conflict.message().contains("keeps no version to roll back to"));
      assertEquals(changed, world.target().content(to));
    }

    @Test
    void isKeptAsideWithItsState() throws Exception {
      Map<String, String> changed = world.target().content(to);
      SyncReport report = sync(SyncPolicy.builder(OnDivergence.KEEP_ASIDE).build());
      assertEquals(Outcome.SYNCED, report.outcome());
      assertEqual();
      String aside =
          report.steps().stream()
              .map(SyncReport.StepReport::step)
              .filter(SyncStep.KeepAside.class::isInstance)
              .map(step -> ((SyncStep.KeepAside) step).asideName())
              .findFirst()
              .orElseThrow();
      FilesystemName kept = FilesystemName.of(to + "." + aside);
      assertEquals(changed, world.target().content(kept));
      assertTrue(Files.exists(Path.of(kept + ".r4j")));
      assertEquals(Outcome.UP_TO_DATE, sync().outcome());
    }

    @Test
    void isNoticedWhileItIsSyncedTo() throws Exception {
      Files.delete(image());
      Files.delete(beside(".r4j"));
      assertEquals(
          Outcome.SYNCED,
          sync(SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.FULL).build())
              .outcome());
      world.source().write(from, "file", "three");
      SyncListener writes =
          new SyncListener() {
            @Override
            public void beforeStep(String pair, SyncStep step) {
              if (step instanceof SyncStep.Send) {
                world.target().write(to, "own", "change");
              }
            }
          };
      SyncReport report = pair(REFUSING).sync(writes);
      assertInstanceOf(Conflict.Diverged.class, conflict(report));
      assertEquals("change", world.target().content(to).get("own"));
    }
  }

  @Test
  void anImageThatIsGoneBreaksTheChain() throws Exception {
    assertSynced();
    Files.delete(image());
    assertInstanceOf(Conflict.BrokenChain.class, conflict(sync()));
    assertEquals(
        Outcome.SYNCED,
        sync(SyncPolicy.builder(OnDivergence.REFUSE).onBrokenChain(OnBrokenChain.FULL).build())
            .outcome());
    assertEqual();
  }

  @Test
  void aBaseThatIsLostIsReplacedByWhatDiffers() throws Exception {
    assertSynced();
    lvm().scribble("data", 100);
    assertInstanceOf(Conflict.BrokenChain.class, conflict(sync()));
    assertEquals(Outcome.SYNCED, sync(comparing()).outcome());
    assertEqual();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  @Test
  void aBitThatADiskFlippedIsFoundAndLocated() throws Exception {
    assertSynced();
    FileTime time = Files.getLastModifiedTime(image());
    byte[] bytes = Files.readAllBytes(image());
    bytes[700_001] ^= 1;
    Files.write(image(), bytes);
    Files.setLastModifiedTime(image(), time);
    Verification verification = pair(REFUSING).verify(SyncListener.NONE);
    assertEquals(
        List.of(new Verification.Difference.Range("", 700_001 / 4096 * 4096, 4096)),
        verification.differences());
  }

  /** A host that has of all programs these alone. */
  private CommandRunner only(String... programs) throws IOException {
    Path directory = Files.createDirectory(image().resolveSibling("bin"));
    for (String program : programs) {
      Path real = Path.of("/usr/bin", program);
      Files.createSymbolicLink(directory.resolve(program), real);
    }
    CommandRunner all = world.target().runner();
    return new CommandRunner() {
      private Command there(Command command) {
        List<String> words = new ArrayList<>(List.of("/usr/bin/env", "PATH=" + directory));
        words.addAll(command.argv());
        return Command.of(words);
      }

      @Override
      public String host() {
        return all.host();
      }

      @Override
      public CommandResult run(Command command) throws InterruptedException {
        return all.run(there(command));
      }

      @Override
      public RunningCommand start(Command command) throws InterruptedException {
        return all.start(there(command));
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void coreutilsAreEnough() throws Exception {
    String[] coreutils = {
      "sh", "dd", "mv", "realpath", "rm", "stat", "sync", "tail", "touch", "truncate"
    };
    CommandRunner runner = only(coreutils);
    for (String text : List.of("one", "two")) {
      world.source().write(from, "file", text);
      lvm().scribble("data", 3);
      ReplicationPair pair =
          ReplicationPair.builder("data-dr")
              .source(Filesystem.of(world.source().backend(world.source().runner()), from))
              .target(Filesystem.of(ImageBackend.on(runner), to))
              .policy(REFUSING)
              .build();
      assertEquals(Outcome.SYNCED, pair.sync(SyncListener.NONE).outcome());
      assertEqual();
    }
  }

  @Test
  void aBackendThatIsToldToWritesThrough() throws Exception {
    options = ImageOptions.builder().nonAtomic().build();
    assertSynced();
    world.source().write(from, "file", "two");
    assertSynced();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }

  @Test
  void whatIsWrittenThroughDoesNotHideAChangeThatSomebodyElseMade() throws Exception {
    options = ImageOptions.builder().nonAtomic().build();
    assertSynced();
    world.source().write(from, "file", "two");
    SyncListener writes =
        new SyncListener() {
          @Override
          public void beforeStep(String pair, SyncStep step) {
            if (step instanceof SyncStep.Send) {
              world.target().write(to, "own", "change");
            }
          }
        };
    assertThrows(TargetModifiedException.class, () -> pair(REFUSING).sync(writes));
    assertEquals(Map.of("file", "one", "own", "change"), world.target().content(to));
    assertInstanceOf(Conflict.Diverged.class, conflict(sync()));
  }

  @Test
  void whatIsBetweenTwoVersionsIsMendedByComparing() throws Exception {
    assertSynced();
    String state = Files.readString(beside(".r4j"));
    String[] words = state.lines().findFirst().orElseThrow().split(" ");
    String torn =
        String.join(" ", "torn", "1-next", words[2], words[3], "0.000000001", inodeAndBirth());
    Files.writeString(beside(".r4j"), state.replace(state.lines().findFirst().get(), torn));
    world.target().write(to, "half", "written");
    assertInstanceOf(Conflict.BrokenChain.class, conflict(sync()));
    assertEquals(Outcome.SYNCED, sync(comparing()).outcome());
    assertEqual();
    assertEquals(Outcome.UP_TO_DATE, sync().outcome());
  }
}
