package io.replication4j.btrfs.testing;

import io.replication4j.btrfs.testing.FakeFrames.Builder;
import io.replication4j.btrfs.testing.FakeNode.FakeDirectory;
import io.replication4j.btrfs.testing.FakeNode.FakeFile;
import io.replication4j.btrfs.testing.FakeNode.FakeSubvolume;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** {@code btrfs send}: one whole stream for each snapshot, one after the other. */
final class FakeSender {

  private static final int CHUNK = 48 << 10;
  private static final long ANY_INODE = 257;

  private final FakeVolume volume;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<FakeSubvolume> sources = new ArrayList<>();
  private boolean data = true;
  private Optional<FakeSubvolume> parent = Optional.empty();

  FakeSender(FakeVolume volume) {
    this.volume = volume;
  }

  /** What was written, also before it was refused. */
  byte[] stream() {
    return out.toByteArray();
  }

  /**
   * @param words those after {@code send}
   */
  void send(List<String> words) {
    List<String> snapshots = options(words);
    List<FakeSubvolume> sent =
        snapshots.stream().map(path -> readOnly(path, "ERROR: unable to resolve " + path)).toList();
    for (int i = 0; i < sent.size(); i++) {
      FakeSubvolume snapshot = sent.get(i);
      Optional<FakeSubvolume> base =
          sources.isEmpty() ? Optional.empty() : parent.or(() -> Optional.of(best(snapshot)));
      write(snapshots.get(i).substring(snapshots.get(i).lastIndexOf('/') + 1), snapshot, base);
    }
  }

  private List<String> options(List<String> words) {
    int at = 0;
    for (; !words.get(at).equals("--"); at++) {
      switch (words.get(at)) {
        case "--no-data" -> data = false;
        case "--proto" -> at++; // what it writes can be read as either
        case "--compressed-data" -> {}
        case "-p" -> parent = Optional.of(base(words.get(++at)));
        case "-c" -> base(words.get(++at));
        default -> throw new FakeRefusal("btrfs send: unrecognized option '" + words.get(at) + "'");
      }
    }
    return words.subList(at + 1, words.size());
  }

  private FakeSubvolume base(String path) {
    FakeSubvolume base =
        readOnly(path, "ERROR: realpath " + path + " failed: " + FakeErrno.NO_ENTRY);
    sources.add(base);
    return base;
  }

  private FakeSubvolume readOnly(String path, String absent) {
    if (volume.find(path).isEmpty()) {
      throw new FakeRefusal(absent);
    }
    if (!(volume.need(path) instanceof FakeSubvolume subvolume)) {
      throw new FakeRefusal("ERROR: not a subvolume: " + path);
    }
    if (!subvolume.readOnly) {
      throw new FakeRefusal("ERROR: subvolume " + path + " is not read-only");
    }
    return subvolume;
  }

  /** The clone source that is the origin of the snapshot, or the nearest one of the same origin. */
  private FakeSubvolume best(FakeSubvolume snapshot) {
    Optional<FakeSubvolume> origin = snapshot.parentUuid.flatMap(volume::withUuid);
    return sources.stream()
        .filter(
            source ->
                origin
                    .filter(
                        o -> o == source || source.parentUuid.filter(o.uuid::equals).isPresent())
                    .isPresent())
        .min(Comparator.comparingLong(source -> Math.abs(source.createdIn - snapshot.createdIn)))
        .orElseThrow(
            () -> new FakeRefusal("ERROR: parent determination failed for " + snapshot.id));
  }

  // ------------------------------------------------------------------ one stream

  private void write(String name, FakeSubvolume snapshot, Optional<FakeSubvolume> base) {
    out.writeBytes(FakeFrames.HEADER);
    Builder first =
        new Builder(base.isPresent() ? FakeFrames.SNAPSHOT : FakeFrames.SUBVOLUME)
            .text(FakeFrames.PATH, name)
            .uuid(FakeFrames.UUID_ATTRIBUTE, snapshot.identity())
            .number(FakeFrames.GENERATION, snapshot.generation);
    base.ifPresent(
        b ->
            first
                .uuid(FakeFrames.CLONE_UUID, b.identity())
                .number(FakeFrames.CLONE_GENERATION, b.generation));
    out.writeBytes(first.build());
    TreeMap<String, FakeNode> before = new TreeMap<>();
    base.ifPresent(b -> collect("", b, before));
    TreeMap<String, FakeNode> after = new TreeMap<>();
    collect("", snapshot, after);
    writeRemovals(before, after);
    after.forEach((path, node) -> writeContent(path, node, Optional.ofNullable(before.get(path))));
    writeTimes(before, after);
    out.writeBytes(new Builder(FakeFrames.END).build());
  }

  /** Everything but nested subvolumes, and the places where such were. */
  static void collect(String path, FakeNode node, TreeMap<String, FakeNode> found) {
    found.put(path, node);
    if (node instanceof FakeDirectory directory) {
      directory.entries.forEach(
          (name, below) -> {
            if (!(below instanceof FakeSubvolume)
                && !(below instanceof FakeDirectory d && d.isPlace)) {
              collect(path.isEmpty() ? name : path + "/" + name, below, found);
            }
          });
    }
  }

  private void writeRemovals(TreeMap<String, FakeNode> before, TreeMap<String, FakeNode> after) {
    before
        .descendingMap()
        .forEach(
            (path, node) -> {
              if (!isSameKind(node, Optional.ofNullable(after.get(path)))) {
                int type =
                    node instanceof FakeFile ? FakeFrames.UNLINK : FakeFrames.REMOVE_DIRECTORY;
                out.writeBytes(new Builder(type).text(FakeFrames.PATH, path).build());
              }
            });
  }

  private static boolean isSameKind(FakeNode node, Optional<FakeNode> other) {
    return other.filter(o -> o instanceof FakeFile == node instanceof FakeFile).isPresent();
  }

  private void writeContent(String path, FakeNode node, Optional<FakeNode> before) {
    boolean isNew = !path.isEmpty() && !isSameKind(node, before);
    if (isNew) {
      int type = node instanceof FakeFile ? FakeFrames.MAKE_FILE : FakeFrames.MAKE_DIRECTORY;
      out.writeBytes(
          new Builder(type)
              .text(FakeFrames.PATH, path)
              .number(FakeFrames.INODE, ANY_INODE)
              .build());
    }
    if (node instanceof FakeFile file
        && (isNew || !((FakeFile) before.orElseThrow()).text().equals(file.text()))) {
      writeData(path, file.text().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void writeData(String path, byte[] text) {
    out.writeBytes(
        new Builder(FakeFrames.TRUNCATE)
            .text(FakeFrames.PATH, path)
            .number(FakeFrames.SIZE, text.length)
            .build());
    for (int at = 0; at < text.length; at += CHUNK) {
      byte[] chunk = Arrays.copyOfRange(text, at, Math.min(text.length, at + CHUNK));
      Builder frame =
          new Builder(data ? FakeFrames.WRITE : FakeFrames.UPDATE_EXTENT)
              .text(FakeFrames.PATH, path)
              .number(FakeFrames.OFFSET, at);
      out.writeBytes(
          (data ? frame.bytes(FakeFrames.DATA, chunk) : frame.number(FakeFrames.SIZE, chunk.length))
              .build());
    }
  }

  /** Last, and what is deeper first: whatever is made in a directory changes its time. */
  private void writeTimes(TreeMap<String, FakeNode> before, TreeMap<String, FakeNode> after) {
    after
        .descendingMap()
        .forEach(
            (path, node) -> {
              FakeNode old = before.get(path);
              long time = FakeVolume.timeOf(node);
              if (old == null || FakeVolume.timeOf(old) != time) {
                Builder times = new Builder(FakeFrames.TIMES).text(FakeFrames.PATH, path);
                times
                    .time(FakeFrames.ACCESSED, time)
                    .time(FakeFrames.MODIFIED, time)
                    .time(FakeFrames.CHANGED, time);
                out.writeBytes(times.build());
              }
            });
  }
}
