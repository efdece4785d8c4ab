package io.replication4j.examples.dds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.RunningCommand;
import io.replication4j.examples.LabJava;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowWriter;
import io.replication4j.lvm.cow.StreamIdentity;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A host loses power while {@code dds --merge} writes to one of its disks. */
@LabTest
@Tag("lvm")
@Execution(ExecutionMode.SAME_THREAD) // whoever cuts the power is alone
class DdsPowerLabIT {

  private static final CowGeometry GEOMETRY = CowGeometry.ofDefaultChunks();
  private static final int BYTES = 48 << 20;
  private static final int ROUNDS = 3;
  private static final String DISK = LabHost.disk(2);

  private static final String DDS =
      """
      cd /root/java
      exec java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp 'classes:lib/*' \\
        io.replication4j.examples.dds.Dds "$@"
      """;

  /** Nothing of it is in the page cache then. */
  private static final String WRITE_OLD =
      "dd if=/root/dds/old of=\"$1\" bs=1M oflag=direct conv=notrunc,fsync status=none; sync";

  /** Returns when a merge has begun to write. */
  private static final String WRITING =
      "for i in $(seq 6000); do ls /var/lib/replication4j/*.cow >/dev/null 2>&1 && exit; sleep 0.01; done; exit 1";

  private static final String DIGEST =
      "dd if=\"$1\" bs=1M count=$2 iflag=direct status=none | sha256sum | cut -d' ' -f1";

  private final LabHost host;
  private final byte[] before = random(1);
  private final byte[] after = random(2);

  DdsPowerLabIT(Lab lab) {
    this.host = lab.a();
  }

  private static byte[] random(long seed) {
    byte[] bytes = new byte[BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void upload() throws IOException, InterruptedException {
    LabJava.bring(host);
    host.shell("mkdir -p /root/dds");
    upload(before, "old");
    upload(stream(), "stream");
  }

  @AfterEach
  void remove() throws InterruptedException {
    host.shell("rm -rf /root/dds; wipefs -q -a \"$1\"", DISK);
  }

  /** Every chunk but each eighth; those stay what they are. */
  private byte[] stream() throws IOException {
    ChunkSet.Builder chunks = ChunkSet.builder();
    for (int chunk = 0; chunk < BYTES / GEOMETRY.chunkBytes(); chunk++) {
      if (chunk % 8 == 0) {
        System.arraycopy(
            before,
            chunk * GEOMETRY.chunkBytes(),
            after,
            chunk * GEOMETRY.chunkBytes(),
            GEOMETRY.chunkBytes());
      } else {
        chunks.add(chunk);
      }
    }
    ChunkSet changed = chunks.build();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CowWriter.write(
        GEOMETRY,
        new StreamIdentity(Optional.empty(), Optional.empty(), BYTES, changed.size()),
        changed,
        (at, into) -> into.put(after, (int) at, into.remaining()),
        Channels.newChannel(out));
    return out.toByteArray();
  }

  private void upload(byte[] content, String name) throws IOException, InterruptedException {
    Command dd = Command.of("dd", "of=/root/dds/" + name, "bs=64k", "conv=fsync", "status=none");
    try (RunningCommand running = host.runner().start(dd.withTimeout(Duration.ofMinutes(3)))) {
      try (OutputStream in = running.stdin()) {
        in.write(content);
      }
      assertEquals(0, running.waitFor(), running::errorTail);
    }
  }

  private static Command dds(String... words) {
    String[] argv = new String[words.length + 4];
    System.arraycopy(new String[] {"sh", "-euc", DDS, "sh"}, 0, argv, 0, 4);
    System.arraycopy(words, 0, argv, 4, words.length);
    return Command.of(argv).withTimeout(Duration.ofMinutes(5));
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private String digest() throws InterruptedException {
    return host.shell(DIGEST, DISK, Integer.toString(BYTES >> 20)).strip();
  }

  private boolean hasJournal() throws InterruptedException {
    return !host.shell("ls /var/lib/replication4j/*.cow 2>/dev/null || :").isEmpty();
  }

  @Test
  void theDiskIsFinishedByTheNextRunAndHoldsOneVersionOrTheOther() throws Exception {
    Random random = new Random(7);
    int interrupted = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      host.shell(WRITE_OLD, DISK);
      try (RunningCommand merge =
          host.runner().start(dds("--merge", "--dest", DISK, "--input", "/root/dds/stream"))) {
        host.shell(WRITING);
        Thread.sleep(random.nextInt(300)); // somewhere in it
        host.kill();
        merge.close();
      }
      host.up();
      boolean begun = hasJournal();
      String found = digest();
      interrupted += begun ? 1 : 0;
      host.run(dds("--recover", "--dest", DISK));
      String finished = digest();
      String what = "round " + round + ", journal " + begun + ", found " + found;
      if (begun) {
        assertEquals(sha256(after), finished, what);
      } else {
        assertTrue(Set.of(sha256(before), sha256(after)).contains(finished), what);
        assertEquals(found, finished, what);
      }
      assertEquals(false, hasJournal());
    }
    assertTrue(interrupted > 0, "power was never cut in time");
  }
}
