package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.command.Command;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kernel takes the stores that we write, and we read those that it wrote. */
@Tag("lvm")
@Execution(ExecutionMode.SAME_THREAD) // one disk for all
@LabTest
class CowKernelLabIT {

  private static final int VOLUME_BYTES = 4 << 20;
  private static final int STORE_BYTES = 8 << 20;
  private static final String VOLUME = "/dev/mapper/r4j-volume";
  private static final String STORE = "/dev/mapper/r4j-store";

  private static final String OPEN =
      """
      modprobe dm_snapshot
      echo "0 $2 linear $1 0" | dmsetup create r4j-volume
      echo "0 $3 linear $1 $2" | dmsetup create r4j-store
      """;

  private static final String CLOSE =
      """
      for name in merge snapshot origin store volume; do
        if dmsetup info r4j-$name >/dev/null 2>&1; then dmsetup remove --retry r4j-$name; fi
      done
      """;

  private static final String SNAPSHOT =
      "echo \"0 $1 snapshot /dev/mapper/r4j-volume /dev/mapper/r4j-store P $2\""
          + " | dmsetup create r4j-snapshot";

  private static final String MERGE =
      """
      echo "0 $1 snapshot-merge /dev/mapper/r4j-volume /dev/mapper/r4j-store P $2" | dmsetup create r4j-merge
      while set -- $(dmsetup status r4j-merge); [ "${4%/*}" != "$5" ]; do sleep 0.1; done
      dmsetup remove --retry r4j-merge
      blockdev --flushbufs /dev/mapper/r4j-volume
      """;

  private final LabHost host;
  private final byte[] before = StoreBuilder.random(1, VOLUME_BYTES);

  @TempDir Path directory;

  CowKernelLabIT(Lab lab) {
    this.host = lab.b();
  }

  @BeforeEach
  void open() throws InterruptedException {
    host.shell(OPEN, LabHost.disk(2), sectors(VOLUME_BYTES), sectors(STORE_BYTES));
  }

  @AfterEach
  void close() throws InterruptedException {
    host.shell(CLOSE);
  }

  private static String sectors(int bytes) {
    return Integer.toString(bytes / 512);
  }

  private void upload(byte[] content, String device) throws IOException, InterruptedException {
    Command dd = Command.of("dd", "of=" + device, "bs=64k", "iflag=fullblock", "conv=fsync");
    try (RunningCommand running = host.runner().start(dd.withTimeout(Duration.ofMinutes(1)))) {
      try (OutputStream in = running.stdin()) {
        in.write(content);
      }
      assertEquals(0, running.waitFor(), running::errorTail);
    }
  }

  private byte[] download(String device) throws IOException, InterruptedException {
    Command dd = Command.of("dd", "if=" + device, "bs=64k", "iflag=direct", "status=none");
    try (RunningCommand running = host.runner().start(dd.withTimeout(Duration.ofMinutes(1)))) {
      running.stdin().close();
      byte[] content = running.stdout().readAllBytes();
      assertEquals(0, running.waitFor(), running::errorTail);
      return content;
    }
  }

  /** Seen as a snapshot, and merged: the same content; with a full area, a half-full one, none. */
  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 524288})
  void theKernelSeesAndMergesWhatWeWrite(int chunkBytes) throws Exception {
    byte[] after = StoreBuilder.random(2, VOLUME_BYTES);
    int chunks = Math.min(chunkBytes / 16 * 2, VOLUME_BYTES / chunkBytes - 1);
    byte[] expected = before.clone();
    ChunkSet.Builder changed = ChunkSet.builder();
    for (int chunk = 1; chunk <= chunks; chunk++) {
      changed.add(chunk);
      int at = chunk * chunkBytes;
      System.arraycopy(after, at, expected, at, chunkBytes);
    }
    upload(before, VOLUME);
    upload(Streams.of(chunkBytes, after, changed.build()), STORE);
    host.shell(SNAPSHOT, sectors(VOLUME_BYTES), sectors(chunkBytes));
    assertArrayEquals(expected, download("/dev/mapper/r4j-snapshot"), "as a snapshot");
    host.shell("dmsetup remove --retry r4j-snapshot");
    host.shell(MERGE, sectors(VOLUME_BYTES), sectors(chunkBytes));
    assertArrayEquals(expected, download(VOLUME), "merged");
  }

  @Test
  void theKernelTakesAnEmptyStream() throws Exception {
    upload(before, VOLUME);
    upload(Streams.of(4096, before), STORE);
    host.shell(SNAPSHOT, sectors(VOLUME_BYTES), "8");
    assertArrayEquals(before, download("/dev/mapper/r4j-snapshot"));
  }

  @Test
  void weReadWhatTheKernelWrote() throws Exception {
    upload(before, VOLUME);
    upload(new byte[1 << 16], STORE);
    host.shell(SNAPSHOT, sectors(VOLUME_BYTES), "8");
    host.shell(
        "echo \"0 $1 snapshot-origin /dev/mapper/r4j-volume\" | dmsetup create r4j-origin",
        sectors(VOLUME_BYTES));
    byte[] after = overwriteSomeChunks();
    byte[] store = download(STORE);
    byte[] back = after.clone();
    Streams.read(store, Streams.into(back));
    assertArrayEquals(before, back, "the kernel's own store leads back to its snapshot");
    byte[] stream = extract(store, after);
    byte[] merged = before.clone();
    CowStats stats = Streams.read(stream, Streams.into(merged));
    assertArrayEquals(after, merged);
    assertEquals(8 * 87, stats.exceptions(), "everything that was written to, changed or not");
  }

  /**
   * Overwrites 8 * 87 chunks by way of the origin device, half of them alike; what is there then.
   */
  private byte[] overwriteSomeChunks() throws IOException, InterruptedException {
    byte[] after = before.clone();
    Random random = new Random(5);
    for (int i = 0; i < 4 * 87; i++) {
      int at = (2 * i + random.nextInt(2)) * 4096;
      Arrays.fill(after, at, at + 4096, (byte) i);
    }
    upload(Arrays.copyOf(after, 8 * 87 * 4096), "/tmp/r4j-changes");
    host.shell(
        """
        i=0
        while [ $i -lt 8 ]; do # eight writers, so that the kernel's order is not ours
          dd if=/tmp/r4j-changes of=/dev/mapper/r4j-origin bs=4k skip=$((i * 87)) seek=$((i * 87)) count=87 \
            oflag=direct conv=notrunc status=none &
          i=$((i + 1))
        done
        wait
        rm /tmp/r4j-changes
        """);
    return after;
  }

  private byte[] extract(byte[] store, byte[] volume) throws IOException, InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CowExtract.extract(
        Files.write(directory.resolve("store"), store),
        Files.write(directory.resolve("volume"), volume),
        Streams.BASE,
        Streams.TARGET,
        Channels.newChannel(out));
    return out.toByteArray();
  }

  @Test
  void aSnapshotThatOverflowedIsRefused() throws Exception {
    upload(before, VOLUME);
    upload(new byte[1 << 16], STORE);
    host.shell(
        "dmsetup remove --retry r4j-store;"
            + " echo \"0 256 linear $1 $2\" | dmsetup create r4j-store",
        LabHost.disk(2),
        sectors(VOLUME_BYTES));
    host.shell(SNAPSHOT, sectors(VOLUME_BYTES), "8");
    host.shell(
        "echo \"0 $1 snapshot-origin /dev/mapper/r4j-volume\" | dmsetup create r4j-origin;"
            + " dd if=/dev/zero of=/dev/mapper/r4j-origin bs=64k count=8 oflag=direct status=none",
        sectors(VOLUME_BYTES));
    byte[] store = download(STORE);
    assertThrows(InvalidatedCowException.class, () -> extract(store, before));
  }
}
