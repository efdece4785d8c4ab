package io.replication4j.lvm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableList;
import io.replication4j.NoSpaceException;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Which chunks a classic volume's stream has, by what its host answers. */
class StoreChangesTest {

  private static final int CHUNK = 128 << 10;
  private static final CowGeometry GEOMETRY = new CowGeometry(CHUNK);
  private static final String TWO_CHUNKS_OF_TABLE = "0 2048 snapshot 1536/4096 512\n";

  /** The base ends in the middle of chunk 2. */
  private static final long BASE_BYTES = 2 * CHUNK + CHUNK / 2;

  private static StoreChanges since(long baseBytes, long bytes) {
    LogicalVolume base =
        new LogicalVolume(
            new Volume("vg", "data.sent"),
            "uuid-sent",
            1 << 20,
            baseBytes,
            Optional.of("data"),
            Optional.empty(),
            List.of("r4j.id=1-base"),
            OptionalDouble.of(1),
            false,
            false,
            true,
            false,
            "linear");
    return new StoreChanges(Optional.of(base), bytes, List.of(), LvmOptions.defaults());
  }

  /** A host whose snapshot has these exceptions, in this order. */
  private static SourceDevices listing(long... exceptions) {
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    answers.writeBytes((TWO_CHUNKS_OF_TABLE + "data " + CHUNK + "\n").getBytes(US_ASCII));
    ByteBuffer area = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < exceptions.length; i++) {
      area.putLong(exceptions[i]).putLong(GEOMETRY.dataChunk(i));
    }
    answers.writeBytes(area.array());
    return new SourceDevices(
        new ByteArrayInputStream(answers.toByteArray()), OutputStream.nullOutputStream());
  }

  private static List<ChunkRange> chunks(Changes changes, long... exceptions) throws IOException {
    ChunkSet chunks = changes.chunks(listing(exceptions), GEOMETRY).orElseThrow();
    return ImmutableList.copyOf(chunks.ranges());
  }

  private static ChunkRange range(long first, long count) {
    return new ChunkRange(first, count);
  }

  @Test
  void whatIsBehindTheOldEndIsSentToo() throws Exception {
    assertEquals(List.of(range(1, 3)), chunks(since(BASE_BYTES, 4 * CHUNK), 1));
  }

  @Test
  void aListThatIsSentAgainEndsWhereItEnded() throws Exception {
    StoreChanges changes = since(2 * CHUNK, 4 * CHUNK);
    assertEquals(List.of(range(0, 1), range(2, 2)), chunks(changes.first(3), 0, 1));
    assertEquals(List.of(range(0, 4)), chunks(changes.first(4), 0, 1));
    assertEquals(List.of(range(2, 2)), chunks(changes.first(2), 0, 1));
  }

  /** It was overwritten and is behind the end as well: one chunk of the stream, not two. */
  @Test
  void aListThatIsSentAgainHasTheChunkInWhichTheBaseEndsOnce() throws Exception {
    StoreChanges changes = since(BASE_BYTES, 4 * CHUNK);
    assertEquals(List.of(range(0, 1), range(2, 2)), chunks(changes.first(3), 2, 0, 1));
    assertEquals(List.of(range(0, 1), range(2, 2)), chunks(changes.first(3), 0, 2, 1));
    assertEquals(List.of(range(0, 4)), chunks(changes.first(4), 0, 2, 1));
  }

  /** Behind its end nothing is: the chunk is one as all others are. */
  @Test
  void aVolumeThatDidNotGrowCountsItsLastChunk() throws Exception {
    StoreChanges changes = since(BASE_BYTES, BASE_BYTES);
    assertEquals(List.of(range(0, 1), range(2, 1)), chunks(changes.first(2), 2, 0, 1));
  }

  /** It would be sent as if nothing had changed. */
  @Test
  void aSnapshotThatOverflowedListsNothing() {
    for (String lost : List.of("Invalid", "Overflow", "Merge failed")) {
      byte[] answer = ("0 2048 snapshot " + lost + "\n").getBytes(US_ASCII);
      SourceDevices devices =
          new SourceDevices(new ByteArrayInputStream(answer), OutputStream.nullOutputStream());
      StoreChanges changes = since(BASE_BYTES, BASE_BYTES);
      assertThrows(NoSpaceException.class, () -> changes.chunks(devices, GEOMETRY), lost);
    }
    assertThrows(
        IllegalStateException.class,
        () -> StoreStatus.parse("0 2048 snapshot Invalid").areas(GEOMETRY.chunkSectors()));
  }
}
