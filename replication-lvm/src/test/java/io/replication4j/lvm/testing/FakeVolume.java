package io.replication4j.lvm.testing;

import io.replication4j.lvm.cow.CowGeometry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A logical volume in memory, in chunks of 4 KiB. A snapshot has chunks only where they differ. */
final class FakeVolume {

  static final int CHUNK = 4096;
  static final CowGeometry GEOMETRY = new CowGeometry(CHUNK);

  /** What a volume holds before anybody wrote to it. */
  private static final byte OLD_RUBBISH = 0x5a;

  String name;
  final String uuid;
  final TreeSet<String> tags = new TreeSet<>();
  final Map<Long, byte[]> chunks = new LinkedHashMap<>();
  Optional<FakeVolume> origin = Optional.empty();
  long bytes;
  boolean invalid;
  boolean merging;
  boolean open;
  boolean active = true;

  /** Of a snapshot: what its origin had when it was taken. */
  long originBytes;

  /** What killed senders left on it. */
  final TreeSet<String> leftDevices = new TreeSet<>();

  FakeVolume(String name, String uuid, long bytes) {
    this.name = name;
    this.uuid = uuid;
    this.bytes = bytes;
  }

  /** What can be read there. */
  byte[] chunk(long number) {
    if (invalid) {
      throw new FakeRefusal(1, "dd: error reading '" + name + "': Input/output error");
    }
    byte[] own = chunks.get(number);
    if (own != null) {
      return own.clone();
    }
    if (origin.isPresent()) {
      return origin.get().chunk(number);
    }
    byte[] rubbish = new byte[CHUNK];
    Arrays.fill(rubbish, OLD_RUBBISH);
    return rubbish;
  }

  boolean isOpen() {
    return open || !leftDevices.isEmpty();
  }

  long chunkCount() {
    return length() / CHUNK;
  }

  /** What can be read. */
  long length() {
    return origin.isPresent() ? originBytes : bytes;
  }

  // ------------------------------------------------------------------ the store of a snapshot

  private long usedChunks() {
    return 1 + areas() + chunks.size();
  }

  private long areas() {
    return GEOMETRY.areas(chunks.size());
  }

  /** The old data of a chunk of the origin, before it is overwritten. */
  void keep(long number, byte[] old) {
    if (invalid || number >= chunkCount() || chunks.containsKey(number)) {
      return;
    }
    chunks.put(number, old);
    if (usedChunks() * CHUNK > bytes) {
      invalid = true;
    }
  }

  String filled() {
    if (origin.isEmpty()) {
      return "";
    }
    double percent = invalid ? 100 : usedChunks() * CHUNK * 100.0 / bytes;
    return !invalid && chunks.isEmpty() ? "0.00" : String.format("%.2f", Math.max(0.01, percent));
  }

  String status() {
    long sectors = chunkCount() * CHUNK / CowGeometry.SECTOR_BYTES;
    return "0 "
        + sectors
        + " snapshot "
        + (invalid
            ? "Invalid"
            : usedChunks() * 8 + "/" + bytes / CowGeometry.SECTOR_BYTES + " " + (1 + areas()) * 8)
        + "\n";
  }

  /** The store as the kernel writes it, in the order in which the chunks were overwritten. */
  byte[] store() {
    ByteBuffer store =
        ByteBuffer.allocate((int) usedChunks() * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    store.putInt(0x70416e53).putInt(invalid ? 0 : 1).putInt(1).putInt(CHUNK / 512);
    long n = 0;
    for (Map.Entry<Long, byte[]> entry : chunks.entrySet()) {
      int area = (int) GEOMETRY.areaChunk(n / GEOMETRY.exceptionsPerArea()) * CHUNK;
      store.position(area + (int) (n % GEOMETRY.exceptionsPerArea()) * 16);
      store.putLong(entry.getKey()).putLong(GEOMETRY.dataChunk(n));
      store.position((int) GEOMETRY.dataChunk(n) * CHUNK).put(entry.getValue());
      n++;
    }
    return store.array();
  }
}
