package io.replication4j.lvm.testing;

import io.replication4j.lvm.cow.CowReader;
import io.replication4j.lvm.cow.CowSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A volume group in memory. Extents are small, so that volumes can be. */
final class FakeGroup {

  static final long EXTENT = 64 << 10;

  private final String name;
  private final long bytes;
  private final Map<String, FakeVolume> volumes = new TreeMap<>();
  private final Set<String> mappedStores = new TreeSet<>();
  private int created;

  FakeGroup(String name, long bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  String name() {
    return name;
  }

  List<FakeVolume> volumes() {
    return List.copyOf(volumes.values());
  }

  long free() {
    return bytes
        - volumes.values().stream().filter(v -> v.pool.isEmpty()).mapToLong(v -> v.bytes).sum();
  }

  Optional<FakeVolume> find(String volume) {
    return Optional.ofNullable(volumes.get(volume));
  }

  FakeVolume need(String volume) {
    return find(volume)
        .orElseThrow(
            () -> new FakeRefusal("Failed to find logical volume \"" + name + "/" + volume + "\""));
  }

  /** The one that device-mapper knows by that name. */
  FakeVolume mapped(String mapped) {
    String prefix = name.replace("-", "--") + "-";
    return volumes.values().stream()
        .filter(v -> mapped.equals(prefix + v.name.replace("-", "--")))
        .findFirst()
        .orElseThrow(() -> new FakeRefusal(1, "Device " + mapped + " not found\nCommand failed."));
  }

  // ------------------------------------------------------------------ making and removing

  FakeVolume create(String volume, long size) {
    requireFree(volume);
    return made(volume, rounded(size), true);
  }

  private void requireFree(String volume) {
    if (volumes.containsKey(volume)) {
      throw new FakeRefusal(
          "Logical Volume \"" + volume + "\" already exists in volume group \"" + name + "\"");
    }
  }

  private FakeVolume made(String volume, long rounded, boolean hasRoom) {
    if (hasRoom) {
      requireRoom(rounded);
    }
    FakeVolume made = new FakeVolume(volume, name + "-uuid-" + ++created, rounded);
    volumes.put(volume, made);
    return made;
  }

  /** Takes its room from the pool when it is written to. */
  FakeVolume createThin(String volume, long size, String pool) {
    requireFree(volume);
    FakeVolume made = made(volume, rounded(size), false);
    made.pool = Optional.of(pool);
    return made;
  }

  FakeVolume createPool(String volume, long size) {
    FakeVolume made = create(volume, size);
    made.isPool = true;
    return made;
  }

  FakeVolume thinSnapshot(String origin, String volume) {
    FakeVolume of = need(origin);
    FakeVolume made = createThin(volume, of.bytes, of.pool.orElseThrow());
    made.chunks.putAll(of.chunks);
    made.thinOrigin = Optional.of(of);
    return made;
  }

  FakeVolume onExternal(FakeVolume origin, String volume, String pool) {
    FakeVolume made = createThin(volume, origin.bytes, pool);
    made.thinOrigin = Optional.of(origin);
    return made;
  }

  private static long rounded(long size) {
    return Math.max(1, (size + EXTENT - 1) / EXTENT) * EXTENT;
  }

  private void requireRoom(long wanted) {
    if (wanted > free()) {
      throw new FakeRefusal(
          "Volume group \""
              + name
              + "\" has insufficient free space ("
              + free() / EXTENT
              + " extents): "
              + wanted / EXTENT
              + " required.");
    }
  }

  /**
   * A snapshot that keeps what is overwritten.
   *
   * @param size of its store, as lvcreate(8) takes it: {@code 20%ORIGIN} or {@code 65536b}
   */
  FakeVolume snapshot(String origin, String volume, String size) {
    FakeVolume of =
        find(origin)
            .orElseThrow(
                () ->
                    new FakeRefusal(
                        "Snapshot origin LV "
                            + origin
                            + " not found in Volume group "
                            + name
                            + "."));
    if (snapshotsOf(of).stream().anyMatch(s -> s.merging)) {
      throw new FakeRefusal(
          "Snapshots of an origin that has a merging snapshot are not supported.");
    }
    if (mappedStores.contains(volume)) {
      throw new FakeRefusal(
          "device-mapper: create ioctl on "
              + name
              + "-"
              + volume
              + "-cow LVM-x failed: Device or resource busy\n  Failed to suspend logical volume "
              + name
              + "/"
              + origin
              + ".");
    }
    FakeVolume made = create(volume, Math.min(largestStore(of), storeBytes(of, size)));
    made.origin = Optional.of(of);
    made.originBytes = of.bytes;
    return made;
  }

  private static long storeBytes(FakeVolume origin, String size) {
    return size.endsWith("%ORIGIN")
        ? origin.bytes * Integer.parseInt(size.replace("%ORIGIN", "")) / 100
        : Long.parseLong(size.replace("b", ""));
  }

  /** A store that device-mapper still has, although LVM forgot it, goes. */
  void forgetStore(String snapshot) {
    mappedStores.remove(snapshot);
  }

  private static long largestStore(FakeVolume origin) {
    long chunks = origin.bytes / FakeVolume.CHUNK;
    return rounded((FakeVolume.GEOMETRY.storeChunks(chunks) + 1) * FakeVolume.CHUNK);
  }

  void enlarge(FakeVolume volume, long size) {
    if (!snapshotsOf(volume).isEmpty() && volume.active) {
      throw new FakeRefusal(
          "Snapshot origin volumes can be resized only while inactive: try lvchange -an.");
    }
    if (rounded(size) == volume.bytes) {
      throw new FakeRefusal(
          "New size ("
              + volume.bytes / EXTENT
              + " extents) matches existing size ("
              + volume.bytes / EXTENT
              + " extents).");
    }
    long wanted = volume.origin.map(o -> Math.min(largestStore(o), rounded(size))).orElse(size);
    requireRoom(wanted - volume.bytes);
    volume.bytes = wanted;
  }

  /** With its snapshots. */
  void activate(FakeVolume volume, boolean active) {
    if (!active && volume.isOpen()) {
      throw new FakeRefusal("Logical volume " + name + "/" + volume.name + " in use.");
    }
    volume.active = active;
    snapshotsOf(volume).forEach(snapshot -> snapshot.active = active);
  }

  void rename(String from, String to) {
    FakeVolume volume =
        find(from)
            .orElseThrow(
                () ->
                    new FakeRefusal(
                        "Existing logical volume \""
                            + from
                            + "\" not found in volume group \""
                            + name
                            + "\""));
    if (volumes.containsKey(to)) {
      throw new FakeRefusal(
          "Logical Volume \"" + to + "\" already exists in volume group \"" + name + "\"");
    }
    volumes.remove(from);
    volume.name = to;
    volumes.put(to, volume);
  }

  void remove(FakeVolume volume) {
    if (volume.open) {
      throw new FakeRefusal("Logical volume " + name + "/" + volume.name + " in use.");
    }
    if (volume.isOpen() && volume.origin.isPresent()) { // a store that is mapped
      volume.origin = Optional.empty();
      mappedStores.add(volume.name);
      throw new FakeRefusal(
          "Device "
              + name
              + "-"
              + volume.name
              + "-cow (253:2) is used by another device.\n  Unable to deactivate logical volume "
              + name
              + "/"
              + volume.name
              + ".");
    }
    volumes.remove(volume.name);
    snapshotsOf(volume).forEach(this::remove);
    thinSnapshotsOf(volume).forEach(v -> v.thinOrigin = Optional.empty());
  }

  private List<FakeVolume> thinSnapshotsOf(FakeVolume volume) {
    return volumes.values().stream()
        .filter(v -> v.thinOrigin.filter(o -> o == volume).isPresent())
        .toList();
  }

  private List<FakeVolume> snapshotsOf(FakeVolume volume) {
    return volumes.values().stream()
        .filter(v -> v.origin.filter(o -> o == volume).isPresent())
        .toList();
  }

  // ------------------------------------------------------------------ data

  /** Writes a chunk of a volume that is no snapshot; its snapshots keep what it held. */
  void write(FakeVolume volume, long chunk, byte[] data) {
    writeFor(volume, chunk, data, Optional.empty());
  }

  private void writeFor(FakeVolume volume, long chunk, byte[] data, Optional<FakeVolume> merging) {
    if (volume.pool.isPresent()) {
      volume.putThin(chunk, data);
      return;
    }
    byte[] old = volume.chunk(chunk);
    for (FakeVolume snapshot : snapshotsOf(volume)) {
      if (merging.filter(m -> m == snapshot).isEmpty()) {
        snapshot.keep(chunk, old);
      }
    }
    volume.chunks.put(chunk, data.clone());
  }

  /** What was written to the volume becomes a snapshot's store: a kernel reads it as one. */
  void adopt(FakeVolume store, FakeVolume origin) {
    Map<Long, byte[]> exceptions = new TreeMap<>();
    byte[] written = new byte[(int) store.bytes];
    for (long chunk = 0; chunk < store.chunkCount(); chunk++) {
      System.arraycopy(
          store.chunk(chunk), 0, written, (int) chunk * FakeVolume.CHUNK, FakeVolume.CHUNK);
    }
    CowSink sink = (position, data) -> collect(position, data, exceptions);
    try {
      CowReader.read(Channels.newChannel(new ByteArrayInputStream(withoutTail(written))), sink);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    store.chunks.clear();
    store.chunks.putAll(exceptions);
    store.origin = Optional.of(origin);
    store.originBytes = origin.bytes;
  }

  private static void collect(long position, ByteBuffer data, Map<Long, byte[]> exceptions) {
    for (long chunk = position / FakeVolume.CHUNK; data.hasRemaining(); chunk++) {
      byte[] bytes = new byte[FakeVolume.CHUNK];
      data.get(bytes);
      exceptions.put(chunk, bytes);
    }
  }

  /** The reader wants the stream to end behind its trailer, a volume goes on. */
  private static byte[] withoutTail(byte[] written) throws IOException {
    long exceptions =
        io.replication4j.lvm.cow.CowHeader.read(
                ByteBuffer.wrap(written).order(java.nio.ByteOrder.LITTLE_ENDIAN))
            .identity()
            .orElseThrow()
            .exceptions()
            .orElseThrow();
    return java.util.Arrays.copyOf(written, (int) FakeVolume.GEOMETRY.streamBytes(exceptions));
  }

  /** At once if nobody has the origin open, else when somebody asks again. */
  void merge(FakeVolume snapshot) {
    if (snapshot.invalid) {
      throw new FakeRefusal(
          "Unable to merge invalidated snapshot LV " + name + "/" + snapshot.name + ".");
    }
    if (snapshot.merging) {
      throw new FakeRefusal(
          "Command on LV "
              + name
              + "/"
              + snapshot.name
              + " is invalid on LV with properties: lv_is_merging_cow .");
    }
    if (snapshot.pool.isPresent() && snapshot.thinOrigin.isEmpty()) {
      throw new FakeRefusal(name + "/" + snapshot.name + " is not a mergeable logical volume.");
    }
    snapshot.merging = true;
    resumeMerge(snapshot.origin.or(() -> snapshot.thinOrigin).orElseThrow());
  }

  void resumeMerge(FakeVolume origin) {
    if (origin.isOpen()) {
      return;
    }
    for (FakeVolume snapshot : thinSnapshotsOf(origin)) {
      if (snapshot.merging) {
        replace(origin, snapshot);
      }
    }
    for (FakeVolume snapshot : new ArrayList<>(snapshotsOf(origin))) {
      if (snapshot.merging) {
        Map<Long, byte[]> exceptions = new TreeMap<>(snapshot.chunks);
        exceptions.forEach((chunk, data) -> writeFor(origin, chunk, data, Optional.of(snapshot)));
        volumes.remove(snapshot.name);
      }
    }
  }

  /** Older snapshots of the volume are nobody's then, as LVM 2.03.16 does it. */
  private void replace(FakeVolume volume, FakeVolume snapshot) {
    List<FakeVolume> older = thinSnapshotsOf(volume);
    older.forEach(v -> v.thinOrigin = Optional.empty());
    thinSnapshotsOf(snapshot).forEach(v -> v.thinOrigin = Optional.of(volume));
    volume.chunks.clear();
    volume.chunks.putAll(snapshot.chunks);
    volume.bytes = snapshot.bytes;
    volumes.remove(snapshot.name);
  }
}
