package io.replication4j.lvm.testing;

import io.replication4j.lvm.cow.CowGeometry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A logical volume in memory, in chunks of 4 KiB. A classic snapshot has chunks only where they
 * differ; thin volumes share the very arrays.
 */
final class FakeVolume {

  static final int CHUNK = 4096;

  /** Chunks in a block of a thin pool. */
  static final int BLOCK = 16;

  static final CowGeometry GEOMETRY = new CowGeometry(CHUNK);

  /** What a volume holds before anybody wrote to it. */
  private static final byte OLD_RUBBISH = 0x5a;

  String name;
  final String uuid;
  final TreeSet<String> tags = new TreeSet<>();
  final Map<Long, byte[]> chunks = new LinkedHashMap<>();
  Optional<FakeVolume> origin = Optional.empty();
  long bytes;

  /** Of a thin volume: the pool, and what LVM still knows of where it comes from. */
  Optional<String> pool = Optional.empty();

  Optional<FakeVolume> thinOrigin = Optional.empty();
  boolean isPool;
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
    if (pool.isPresent()) {
      return thinOrigin
          .filter(o -> o.pool.isEmpty())
          .map(o -> o.chunk(number))
          .orElse(new byte[CHUNK]);
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

  // ------------------------------------------------------------------ the blocks of a thin volume

  private boolean hasBlock(long block) {
    return chunks.containsKey(block * BLOCK);
  }

  void putThin(long number, byte[] data) {
    for (long chunk = number / BLOCK * BLOCK; chunk < (number / BLOCK + 1) * BLOCK; chunk++) {
      chunks.putIfAbsent(chunk, new byte[CHUNK]);
    }
    chunks.put(number, data.clone());
  }

  void discard(long block) {
    for (long chunk = block * BLOCK; chunk < (block + 1) * BLOCK; chunk++) {
      chunks.remove(chunk);
    }
  }

  private boolean sharesBlock(long block, FakeVolume other) {
    for (long chunk = block * BLOCK; chunk < (block + 1) * BLOCK; chunk++) {
      if (chunks.get(chunk) != other.chunks.get(chunk)) {
        return false;
      }
    }
    return true;
  }

  private long blockCount(FakeVolume other) {
    return (Math.max(bytes, other.bytes) / CHUNK + BLOCK - 1) / BLOCK;
  }

  boolean sharesAll(FakeVolume other) {
    for (long block = 0; block < blockCount(other); block++) {
      if (!sharesBlock(block, other)) {
        return false;
      }
    }
    return true;
  }

  /** As thin_delta 0.9.0 prints it, from {@code other} to this. */
  String delta(FakeVolume other) {
    StringBuilder xml = new StringBuilder(superblock() + "  <diff left=\"1\" right=\"2\">\n");
    for (long block = 0; block < blockCount(other); block++) {
      if (hasBlock(block) || other.hasBlock(block)) {
        String kind =
            sharesBlock(block, other)
                ? "same"
                : !hasBlock(block)
                    ? "left_only"
                    : other.hasBlock(block) ? "different" : "right_only";
        xml.append("    <" + kind + " begin=\"" + block + "\" length=\"1\"/>\n");
      }
    }
    return xml + "  </diff>\n</superblock>\n";
  }

  private static String superblock() {
    return "<superblock uuid=\"\" time=\"3\" transaction=\"4\" data_block_size=\""
        + BLOCK * CHUNK / 512
        + "\" nr_data_blocks=\"0\">\n";
  }

  /** As thin_dump 0.9.0 prints it. */
  String dump() {
    StringBuilder xml = new StringBuilder(superblock() + "  <device dev_id=\"1\">\n");
    for (long block = 0; block < blockCount(this); block++) {
      if (hasBlock(block)) {
        xml.append(
            "    <single_mapping origin_block=\"" + block + "\" data_block=\"7\" time=\"0\"/>\n");
      }
    }
    return xml + "  </device>\n</superblock>\n";
  }

  // ------------------------------------------------------------------ the store of a snapshot

  private long usedChunks() {
    return 1 + areas() + chunks.size();
  }

  /** A full area begins the next one. */
  private long areas() {
    return chunks.size() / GEOMETRY.exceptionsPerArea() + 1;
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
    if (pool.isPresent()) { // how much of it is mapped
      return String.format("%.2f", chunks.size() * CHUNK * 100.0 / bytes);
    }
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
