package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.BusyException;
import io.replication4j.NoSpaceException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Block devices: read past the page cache, and merged into. */
class CowDeviceIT {

  private static final int PAGE = 4096;
  private static final byte[] OLD = StoreBuilder.random(1, 600 * PAGE);
  private static final byte[] NEW = StoreBuilder.random(2, 600 * PAGE);

  @TempDir Path directory;
  private final LocalCommandRunner runner = LocalCommandRunner.create();
  private final List<Path> devices = new ArrayList<>();

  @BeforeEach
  void requireLoopDevices() {
    assumeTrue(
        "root".equals(System.getProperty("user.name"))
            && Files.exists(Path.of("/dev/loop-control")),
        "needs root and loop devices");
  }

  @AfterEach
  void detach() throws InterruptedException {
    for (Path device : devices) {
      run("losetup", "-d", device.toString());
    }
    runner.close();
  }

  private Path device(String name, byte[] content) throws Exception {
    Path file = Files.write(directory.resolve(name), content);
    Path device = Path.of(run("losetup", "--show", "-f", file.toString()).strip());
    devices.add(device);
    return device;
  }

  private String run(String... argv) throws InterruptedException {
    CommandResult result = runner.run(Command.of(argv).withTimeout(Duration.ofSeconds(30)));
    assertTrue(result.succeeded(), result::errorTail);
    return result.output();
  }

  @Test
  void storesOfEveryChunkSizeAreReadFromADevice() throws Exception {
    for (int chunkBytes : new int[] {512, 4096, 65536}) {
      StoreBuilder store = new StoreBuilder(chunkBytes, 300);
      ChunkSet.Builder chunks = ChunkSet.builder();
      for (int i = 0; i < Math.min(300, OLD.length / chunkBytes / 2); i++) {
        store.put(2L * i, (byte) 1);
        chunks.add(2L * i);
      }
      Path cow = device("cow" + chunkBytes, store.build());
      Path source = device("source" + chunkBytes, NEW);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      CowExtract.extract(cow, source, Streams.BASE, Streams.TARGET, Channels.newChannel(out));
      assertArrayEquals(
          Streams.of(chunkBytes, NEW, chunks.build()), out.toByteArray(), chunkBytes + " B");
    }
  }

  @Test
  void streamIsMergedIntoADevice() throws Exception {
    Path image = device("image", OLD);
    byte[] stream = Streams.of(PAGE, NEW, 1, 2, 599);
    CowMerge.into(image)
        .journalIn(directory)
        .merge(Channels.newChannel(new ByteArrayInputStream(stream)));
    Path expected = Files.write(directory.resolve("expected"), OLD);
    CowMerge.into(expected).merge(Channels.newChannel(new ByteArrayInputStream(stream)));
    assertTrue(VolumeComparison.compare(expected, image).isEqual());
  }

  @Test
  void deviceThatIsTooSmallIsNotTouched() throws Exception {
    Path image = device("image", OLD);
    byte[] stream = Streams.of(PAGE, new byte[601 * PAGE], 1);
    assertThrows(
        NoSpaceException.class,
        () ->
            CowMerge.into(image)
                .journalIn(directory)
                .merge(Channels.newChannel(new ByteArrayInputStream(stream))));
    assertArrayEquals(OLD, Files.readAllBytes(directory.resolve("image")));
  }

  /** As after {@code --output /dev/stdout} and {@code --input /dev/stdin}. */
  @Test
  void namedPipeIsWrittenToAndReadFromAndStaysOne() throws Exception {
    Path pipe = directory.resolve("pipe");
    run("mkfifo", pipe.toString());
    Path cow = new StoreBuilder(PAGE, 2).put(7, (byte) 1).write(directory.resolve("cow"));
    Path source = Files.write(directory.resolve("source"), NEW);
    Path image = Files.write(directory.resolve("image"), OLD);
    FutureTask<CowStats> extract =
        new FutureTask<>(() -> CowExtract.extract(cow, source, Streams.BASE, Streams.TARGET, pipe));
    new Thread(extract).start();
    CowStats merged = CowMerge.into(image).merge(pipe);
    assertEquals(extract.get(), merged);
    assertArrayEquals(
        Arrays.copyOfRange(NEW, 7 * PAGE, 8 * PAGE),
        Arrays.copyOfRange(Files.readAllBytes(image), 7 * PAGE, 8 * PAGE));
    assertFalse(Files.isRegularFile(pipe));
  }

  @Test
  void streamIsExtractedIntoADeviceWhichStaysOne() throws Exception {
    Path cow = new StoreBuilder(PAGE, 2).put(7, (byte) 1).write(directory.resolve("cow"));
    Path source = Files.write(directory.resolve("source"), NEW);
    Path store = device("store", new byte[16 * PAGE]);
    CowExtract.extract(cow, source, Streams.BASE, Streams.TARGET, store);
    byte[] expected = Streams.of(PAGE, NEW, 7);
    assertArrayEquals(
        expected, Arrays.copyOf(Files.readAllBytes(directory.resolve("store")), expected.length));
    assertFalse(Files.isRegularFile(store));
    Path image = Files.write(directory.resolve("image"), OLD);
    assertEquals(
        1, CowMerge.into(image).merge(store).exceptions(), "what follows is not looked at");
    assertEquals(1, CowMerge.into(image).nonAtomic().merge(store).exceptions());
  }

  @Test
  void mountedDeviceIsNotTouched() throws Exception {
    Path image = device("image", new byte[4 << 20]);
    run("mkfs.ext4", "-q", image.toString());
    Path mountPoint = Files.createDirectory(directory.resolve("mounted"));
    run("mount", image.toString(), mountPoint.toString());
    try {
      byte[] stream = Streams.of(PAGE, NEW, 1);
      BusyException e =
          assertThrows(
              BusyException.class,
              () ->
                  CowMerge.into(image)
                      .journalIn(directory)
                      .merge(Channels.newChannel(new ByteArrayInputStream(stream))));
      assertTrue(e.getMessage().contains(mountPoint.toString()), e.getMessage());
    } finally {
      run("umount", mountPoint.toString());
    }
  }

  @Test
  void flippedBitOfADeviceIsLocated() throws Exception {
    byte[] damaged = OLD.clone();
    damaged[500 * PAGE + 7] ^= 4;
    VolumeComparison comparison =
        VolumeComparison.compare(device("first", OLD), device("second", damaged));
    assertFalse(comparison.isEqual());
    assertEquals(new ChunkRange(500, 1), comparison.different().ranges().next());
  }
}
