package io.replication4j.zfs.testing;

import io.replication4j.zfs.testing.FakeDataset.Partial;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Writes a {@code receive_resume_token} as OpenZFS does: a packed nvlist, little endian,
 * compressed, with its checksum.
 */
final class FakeToken {

  private static final int UINT64 = 8;
  private static final int STRING = 9;

  private FakeToken() {}

  static String encode(Partial partial) {
    ByteBuffer list = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    list.put((byte) 0).put((byte) 1).putShort((short) 0).putInt(0).putInt(1);
    partial.fromGuid().ifPresent(guid -> number(list, "fromguid", guid));
    number(list, "object", 1);
    number(list, "offset", 0);
    number(list, "bytes", partial.bytes().length);
    number(list, "toguid", partial.toGuid());
    pair(list, "toname", STRING, (partial.toName() + "\0").getBytes(StandardCharsets.UTF_8));
    list.putInt(0);
    byte[] packed = Arrays.copyOf(list.array(), list.position());
    byte[] payload = compress(packed);
    ByteBuffer words = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    long sum = 0;
    while (words.remaining() >= Integer.BYTES) {
      sum += Integer.toUnsignedLong(words.getInt());
    }
    return "1-"
        + Long.toHexString(sum)
        + "-"
        + Integer.toHexString(packed.length)
        + "-"
        + HexFormat.of().formatHex(payload);
  }

  /** The numbers in a token that {@link #encode} wrote. */
  static Map<String, Long> decode(String token) {
    String[] parts = token.split("-");
    if (parts.length != 4) {
      throw new FakeRefusal("cannot resume send: resume token is corrupt (invalid format)");
    }
    byte[] packed = new byte[Integer.parseInt(parts[2], 16)];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(HexFormat.of().parseHex(parts[3]));
      inflater.inflate(packed);
    } catch (DataFormatException | IllegalArgumentException e) {
      throw new FakeRefusal("cannot resume send: resume token is corrupt (invalid format)");
    } finally {
      inflater.end();
    }
    return numbers(ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static Map<String, Long> numbers(ByteBuffer list) {
    Map<String, Long> numbers = new HashMap<>();
    for (int at = 12; list.getInt(at) != 0; at += list.getInt(at)) {
      int nameSize = list.getShort(at + 4);
      String name = new String(list.array(), at + 16, nameSize - 1, StandardCharsets.UTF_8);
      if (list.getInt(at + 12) == UINT64) {
        numbers.put(name, list.getLong(at + align(16 + nameSize)));
      }
    }
    return numbers;
  }

  private static void number(ByteBuffer list, String name, long value) {
    pair(
        list,
        name,
        UINT64,
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  private static void pair(ByteBuffer list, String name, int type, byte[] value) {
    byte[] text = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int valueAt = align(16 + text.length);
    int start = list.position();
    list.putInt(valueAt + align(value.length));
    list.putShort((short) text.length).putShort((short) 0).putInt(1).putInt(type).put(text);
    list.position(start + valueAt);
    list.put(value);
    list.position(start + valueAt + align(value.length));
  }

  private static int align(int size) {
    return (size + 7) & ~7;
  }

  private static byte[] compress(byte[] packed) {
    Deflater deflater = new Deflater(6);
    deflater.setInput(packed);
    deflater.finish();
    byte[] buffer = new byte[packed.length + 100];
    int length = deflater.deflate(buffer);
    deflater.end();
    return Arrays.copyOf(buffer, length);
  }
}
