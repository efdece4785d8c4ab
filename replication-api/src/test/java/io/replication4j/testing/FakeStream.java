package io.replication4j.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The stream of the fake storage: parts, each of one version of one member, as changes to its base.
 * Each part has an end mark of its own, so that a receiver knows what it has whole.
 *
 * @param parts the parts that are whole, or the last one that is not
 * @param complete whether the last part is whole
 */
record FakeStream(List<Part> parts, boolean complete) {

  private static final String MAGIC = "FAKE1";
  private static final int PART = 1;
  private static final int SET = 2;
  private static final int DELETE = 3;
  private static final int END = 4;

  /**
   * One version of one member.
   *
   * @param base the identity of what the changes are to; empty: of nothing
   * @param skipped how many changes the receiver has already, if the stream is resumed; else {@link
   *     #FRESH}
   */
  record Part(
      String path,
      String name,
      String id,
      String base,
      Instant at,
      int skipped,
      List<Change> changes) {

    static final int FRESH = -1;

    boolean isResumed() {
      return skipped != FRESH;
    }

    /** What the version holds, given what its base holds. */
    SortedMap<String, String> applyTo(Map<String, String> old) {
      SortedMap<String, String> content = new TreeMap<>(old);
      for (Change change : changes) {
        change
            .text()
            .ifPresentOrElse(
                t -> content.put(change.file(), t), () -> content.remove(change.file()));
      }
      return content;
    }

    Part withChanges(int newSkipped, List<Change> newChanges) {
      return new Part(path, name, id, base, at, newSkipped, newChanges);
    }
  }

  /** A file that is written, or without text deleted. */
  record Change(String file, Optional<String> text) {}

  /** What leads from {@code old} to {@code now}, by file name. */
  static List<Change> changes(Map<String, String> old, Map<String, String> now) {
    TreeMap<String, Change> changes = new TreeMap<>();
    old.keySet().forEach(file -> changes.put(file, new Change(file, Optional.empty())));
    now.forEach((file, text) -> changes.put(file, new Change(file, Optional.of(text))));
    changes
        .values()
        .removeIf(c -> c.text().isPresent() && c.text().get().equals(old.get(c.file())));
    return List.copyOf(changes.values());
  }

  static byte[] write(List<Part> parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      text(out, MAGIC);
      for (Part part : parts) {
        write(part, out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(Part part, DataOutputStream out) throws IOException {
    out.writeByte(PART);
    for (String text : List.of(part.path, part.name, part.id, part.base, part.at.toString())) {
      text(out, text);
    }
    out.writeInt(part.skipped);
    for (Change change : part.changes.subList(Math.max(0, part.skipped), part.changes.size())) {
      out.writeByte(change.text().isPresent() ? SET : DELETE);
      text(out, change.file());
      if (change.text().isPresent()) {
        text(out, change.text().get());
      }
    }
    out.writeByte(END);
  }

  /**
   * Reads as much as there is.
   *
   * @throws IllegalArgumentException if it is not such a stream
   */
  static FakeStream read(byte[] bytes) {
    List<Part> parts = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (!text(in).equals(MAGIC)) {
        throw new IllegalArgumentException("not a stream");
      }
      while (in.available() > 0) {
        if (!readPart(in, parts)) {
          return new FakeStream(parts, false);
        }
      }
      return new FakeStream(parts, true);
    } catch (EOFException e) {
      return new FakeStream(parts, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean readPart(DataInputStream in, List<Part> parts) throws IOException {
    if (in.readByte() != PART) {
      throw new IllegalArgumentException("no part where one should begin");
    }
    List<Change> changes = new ArrayList<>();
    Part part =
        new Part(
            text(in), text(in), text(in), text(in), Instant.parse(text(in)), in.readInt(), changes);
    parts.add(part);
    try {
      for (int kind = in.readByte(); kind != END; kind = in.readByte()) {
        String file = text(in);
        changes.add(new Change(file, kind == SET ? Optional.of(text(in)) : Optional.empty()));
      }
      return true;
    } catch (EOFException e) {
      return false;
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length > in.available()) {
      throw new EOFException();
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
