package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.FakeSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One snapshot of one dataset in a stream.
 *
 * @param path below the dataset that was sent: empty, or beginning with {@code /}
 * @param skipped bytes of the content, perhaps none, that an earlier stream brought; empty unless
 *     the stream resumes one
 * @param content the rest
 */
record FakeMember(
    String path,
    boolean volume,
    boolean tree,
    Optional<Long> from,
    long toGuid,
    String toName,
    Map<String, String> properties,
    Optional<Integer> skipped,
    byte[] content) {

  static final String MAGIC = "a stream of the fake zfs";

  private static final long END = 0x454e44L;
  private static final int WHOLE = -1;

  static FakeMember of(
      String path,
      boolean volume,
      boolean tree,
      Optional<Long> from,
      String dataset,
      FakeSnapshot snapshot,
      Map<String, String> properties) {
    return new FakeMember(
        path,
        volume,
        tree,
        from,
        snapshot.guid,
        dataset + "@" + snapshot.name,
        properties,
        Optional.empty(),
        bytes(snapshot));
  }

  FakeMember after(int bytes) {
    byte[] rest =
        java.util.Arrays.copyOfRange(content, Math.min(bytes, content.length), content.length);
    return new FakeMember(
        path, volume, tree, from, toGuid, toName, properties, Optional.of(bytes), rest);
  }

  String snapshotName() {
    return FakePools.after(toName, '@');
  }

  // ------------------------------------------------------------------ as bytes

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(path);
    out.writeBoolean(volume);
    out.writeBoolean(tree);
    out.writeBoolean(from.isPresent());
    out.writeLong(from.orElse(0L));
    out.writeLong(toGuid);
    out.writeUTF(toName);
    writeMap(out, properties);
    out.writeInt(skipped.orElse(WHOLE));
    out.writeInt(content.length);
    out.write(content);
    out.writeLong(END);
  }

  /**
   * Reads one; if the input ends inside its content, {@code complete} is false and the content is
   * what arrived.
   *
   * @throws IOException if it ends before
   */
  static Read read(DataInputStream in) throws IOException {
    String path = in.readUTF();
    boolean volume = in.readBoolean();
    boolean tree = in.readBoolean();
    boolean hasFrom = in.readBoolean();
    long from = in.readLong();
    long toGuid = in.readLong();
    String toName = in.readUTF();
    Map<String, String> properties = readMap(in);
    Optional<Integer> skipped = Optional.of(in.readInt()).filter(bytes -> bytes != WHOLE);
    int length = in.readInt();
    byte[] content = in.readNBytes(length);
    boolean complete =
        content.length == length && in.available() >= Long.BYTES && in.readLong() == END;
    Optional<Long> base = hasFrom ? Optional.of(from) : Optional.empty();
    return new Read(
        new FakeMember(path, volume, tree, base, toGuid, toName, properties, skipped, content),
        complete);
  }

  /** What {@link #read} found. */
  record Read(FakeMember member, boolean complete) {}

  // ------------------------------------------------------------------ the content

  private static byte[] bytes(FakeSnapshot snapshot) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeLong(snapshot.created);
      writeMap(out, snapshot.files);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a whole content says. */
  record Content(long created, Map<String, String> files) {}

  static Content content(byte[] bytes) {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      return new Content(in.readLong(), readMap(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeMap(DataOutputStream out, Map<String, String> map) throws IOException {
    out.writeInt(map.size());
    for (Map.Entry<String, String> entry : new TreeMap<>(map).entrySet()) {
      writeText(out, entry.getKey());
      writeText(out, entry.getValue());
    }
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static Map<String, String> readMap(DataInputStream in) throws IOException {
    Map<String, String> map = new TreeMap<>();
    for (int n = in.readInt(); n > 0; n--) {
      map.put(readText(in), readText(in));
    }
    return map;
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
