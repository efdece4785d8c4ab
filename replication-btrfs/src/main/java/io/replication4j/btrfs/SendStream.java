package io.replication4j.btrfs;

import io.replication4j.UnexpectedOutputException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads what {@code btrfs send --no-data} writes: the send stream format, versions 1 and 2
 * (fs/btrfs/send.h of Linux 6.x), little endian. A header ("btrfs-stream", NUL, u32 version), then
 * commands: u32 length of the attributes, u16 type, u32 CRC-32C; each attribute a u16 type, a u16
 * length and so many bytes.
 *
 * <p>Reads one command at a time, and none that is longer than {@link #LONGEST_COMMAND}: memory is
 * bounded.
 */
final class SendStream {

  /**
   * What a kernel puts into one command: 64 KiB in version 1, 128 KiB and a page in version 2;
   * without data far less.
   */
  static final int LONGEST_COMMAND = 1 << 20;

  private static final byte[] MAGIC = "btrfs-stream\0".getBytes(StandardCharsets.US_ASCII);
  private static final int NEWEST_VERSION = 2;

  private static final int SUBVOL = 1;
  private static final int SNAPSHOT = 2;
  private static final int UTIMES = 20;
  private static final int END = 21;
  private static final int RENAME = 9;

  private static final int ATTRIBUTE_MTIME = 10;
  private static final int ATTRIBUTE_PATH = 15;
  private static final int ATTRIBUTE_PATH_TO = 16;

  /** What the kernel calls what it will rename later in the stream. */
  private static final Pattern INTERIM = Pattern.compile("(?:^|/)o\\d+-\\d+-\\d+(?:/|$)");

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(3, "created"),
          Map.entry(4, "created"),
          Map.entry(5, "created"),
          Map.entry(6, "created"),
          Map.entry(7, "created"),
          Map.entry(8, "created"),
          Map.entry(9, "renamed"),
          Map.entry(10, "linked"),
          Map.entry(11, "deleted"),
          Map.entry(12, "deleted"),
          Map.entry(13, "extended attribute set"),
          Map.entry(14, "extended attribute removed"),
          Map.entry(15, "written"),
          Map.entry(16, "written"),
          Map.entry(17, "truncated"),
          Map.entry(18, "mode changed"),
          Map.entry(19, "owner changed"),
          Map.entry(22, "written"),
          Map.entry(23, "space reserved or freed"),
          Map.entry(24, "attributes changed"),
          Map.entry(25, "written"));

  private final DataInputStream in;
  private final String origin;

  private SendStream(InputStream in, String origin) {
    this.in = new DataInputStream(in);
    this.origin = origin;
  }

  /**
   * What a stream says.
   *
   * @param change the first thing in it that is more than times, in words; empty if there is none
   * @param times a digest of the modification times in it, with the paths they belong to, in order
   */
  record Summary(Optional<String> change, String times) {}

  /**
   * Reads a stream up to its end mark, or up to the first change.
   *
   * @param origin where the stream comes from, for messages
   * @throws UnexpectedOutputException if it is no such stream, is damaged, or ends early
   */
  static Summary read(InputStream in, String origin) throws IOException {
    return new SendStream(in, origin).read();
  }

  private Summary read() throws IOException {
    try {
      readHeader();
      MessageDigest times = sha256();
      while (true) {
        Frame frame = readFrame();
        if (frame.type == END) {
          return new Summary(Optional.empty(), HexFormat.of().formatHex(times.digest()));
        } else if (frame.type == UTIMES) {
          addTime(frame, times);
        } else if (frame.type != SUBVOL && frame.type != SNAPSHOT) {
          return new Summary(Optional.of(describe(frame)), "");
        }
      }
    } catch (EOFException e) {
      throw unreadable("it ends before its end mark");
    }
  }

  private void readHeader() throws IOException {
    byte[] header = in.readNBytes(MAGIC.length + 4);
    if (header.length < MAGIC.length + 4) {
      throw new EOFException();
    }
    ByteBuffer buffer = little(header);
    byte[] magic = new byte[MAGIC.length];
    buffer.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw unreadable("it does not begin like a btrfs send stream");
    }
    int version = buffer.getInt();
    if (version < 1 || version > NEWEST_VERSION) {
      throw unreadable("version " + version + " of the format is not known");
    }
  }

  private record Frame(int type, Map<Integer, byte[]> attributes) {

    /** Empty if there is none. */
    String text(int attribute) {
      return new String(attributes.getOrDefault(attribute, new byte[0]), StandardCharsets.UTF_8);
    }
  }

  private Frame readFrame() throws IOException {
    byte[] head = new byte[10];
    in.readFully(head);
    ByteBuffer buffer = little(head);
    int length = buffer.getInt();
    int type = Short.toUnsignedInt(buffer.getShort());
    int checksum = buffer.getInt();
    if (length < 0 || length > LONGEST_COMMAND) {
      throw unreadable("a command of " + Integer.toUnsignedString(length) + " bytes");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    if (checksum(head, body) != checksum) {
      throw unreadable("the checksum of a command is wrong");
    }
    return new Frame(type, attributes(body));
  }

  /**
   * Over head and body, with zeroes in place of the checksum; the kernel starts from 0 and does not
   * invert.
   */
  static int checksum(byte[] head, byte[] body) {
    byte[] cleared = head.clone();
    little(cleared).putInt(6, 0);
    return Crc32c.of(Crc32c.of(0, cleared), body);
  }

  private Map<Integer, byte[]> attributes(byte[] body) {
    Map<Integer, byte[]> attributes = new HashMap<>();
    ByteBuffer buffer = little(body);
    while (buffer.hasRemaining()) {
      if (buffer.remaining() < 4) {
        throw unreadable("an attribute is cut off");
      }
      int type = Short.toUnsignedInt(buffer.getShort());
      int length = Short.toUnsignedInt(buffer.getShort());
      if (length > buffer.remaining()) {
        throw unreadable("an attribute is cut off");
      }
      byte[] value = new byte[length];
      buffer.get(value);
      attributes.put(type, value);
    }
    return attributes;
  }

  private void addTime(Frame frame, MessageDigest times) {
    byte[] path = frame.attributes.get(ATTRIBUTE_PATH);
    byte[] mtime = frame.attributes.get(ATTRIBUTE_MTIME);
    if (path == null || mtime == null) {
      throw unreadable("a change of times without path or time");
    }
    times.update(little(new byte[8]).putInt(0, path.length).putInt(4, mtime.length).array());
    times.update(path);
    times.update(mtime);
  }

  private String describe(Frame frame) throws IOException {
    String what = NAMES.getOrDefault(frame.type, "changed (command " + frame.type + ")");
    String path = finalName(frame.text(ATTRIBUTE_PATH));
    return "'" + path.replaceAll("\\p{Cntrl}", "?") + "' " + what;
  }

  /** Reads on until what has an interim name gets its own. */
  private String finalName(String first) throws IOException {
    String name = first;
    while (INTERIM.matcher(name).find()) {
      Frame frame = readFrame();
      String from = frame.text(ATTRIBUTE_PATH);
      if (frame.type == END) {
        return name;
      } else if (frame.type == RENAME && (name.equals(from) || name.startsWith(from + "/"))) {
        name = frame.text(ATTRIBUTE_PATH_TO) + name.substring(from.length());
      }
    }
    return name;
  }

  private UnexpectedOutputException unreadable(String why) {
    return new UnexpectedOutputException("cannot read the stream of " + origin + ": " + why, null);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
