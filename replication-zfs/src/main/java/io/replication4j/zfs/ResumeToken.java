package io.replication4j.zfs;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * What a {@code receive_resume_token} of OpenZFS says: {@code 1-<checksum>-<length>-<payload>}, all
 * hexadecimal; the payload is a packed nvlist in zlib format, the checksum the first word of the
 * payload's fletcher4.
 *
 * @param toGuid of the snapshot that was being received, unsigned decimal
 * @param toName its full name on the source at that time
 * @param fromGuid of the base, unsigned decimal; empty for a full stream
 * @param bytes of the stream that had arrived
 */
record ResumeToken(String toGuid, String toName, Optional<String> fromGuid, long bytes) {

  private static final int MOST_BYTES = 1 << 20;
  private static final int TYPE_BOOLEAN = 1;
  private static final int TYPE_UINT64 = 8;
  private static final int TYPE_STRING = 9;

  /**
   * The contents of {@code token}; empty if it is none, is damaged, or is of a version that is not
   * known.
   */
  static Optional<ResumeToken> decode(String token) {
    try {
      String[] parts = token.split("-", -1);
      if (parts.length != 4 || !parts[0].equals("1") || parts[3].length() > MOST_BYTES) {
        return Optional.empty();
      }
      byte[] payload = HexFormat.of().parseHex(parts[3]);
      int length = Integer.parseInt(parts[2], 16);
      if (length > MOST_BYTES || !isChecksum(Long.parseUnsignedLong(parts[1], 16), payload)) {
        return Optional.empty();
      }
      return of(nvlist(ByteBuffer.wrap(inflate(payload, length))));
    } catch (DataFormatException
        | IllegalArgumentException // HexFormat, parseInt, ByteBuffer.position
        | BufferUnderflowException
        | IndexOutOfBoundsException
        | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<ResumeToken> of(Map<String, Object> values) {
    if (values.get("toguid") instanceof Long toGuid
        && values.get("toname") instanceof String toName) {
      return Optional.of(
          new ResumeToken(
              Long.toUnsignedString(toGuid),
              toName,
              values.get("fromguid") instanceof Long from && from != 0
                  ? Optional.of(Long.toUnsignedString(from))
                  : Optional.empty(),
              values.get("bytes") instanceof Long bytes ? bytes : 0));
    }
    return Optional.empty();
  }

  /** Computed in the byte order of the receiving host, which the token does not name. */
  private static boolean isChecksum(long claimed, byte[] payload) {
    return claimed == sumOfWords(payload, ByteOrder.LITTLE_ENDIAN)
        || claimed == sumOfWords(payload, ByteOrder.BIG_ENDIAN);
  }

  /**
   * The first of fletcher4's four words is the plain sum; a last incomplete word does not count.
   */
  static long sumOfWords(byte[] payload, ByteOrder order) {
    ByteBuffer words = ByteBuffer.wrap(payload).order(order);
    long sum = 0;
    while (words.remaining() >= Integer.BYTES) {
      sum += Integer.toUnsignedLong(words.getInt());
    }
    return sum;
  }

  private static byte[] inflate(byte[] payload, int length) throws DataFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(payload);
      byte[] plain = new byte[length];
      int read = 0;
      while (read < length && !inflater.finished() && !inflater.needsInput()) {
        read += inflater.inflate(plain, read, length - read);
      }
      boolean more = !inflater.finished() && inflater.inflate(new byte[1]) > 0;
      if (read != length || more) {
        throw new DataFormatException("the payload has " + read + " bytes, not " + length);
      }
      return plain;
    } finally {
      inflater.end();
    }
  }

  /**
   * nvlist_pack(3): encoding (0 native, 1 XDR), byte order of the native one, two bytes reserved;
   * version, flags, pairs.
   */
  private static Map<String, Object> nvlist(ByteBuffer packed) {
    int encoding = packed.get();
    boolean littleEndian = packed.get() == 1;
    packed.position(4);
    boolean xdr = encoding == 1;
    packed.order(littleEndian && !xdr ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    packed.getInt();
    packed.getInt();
    Map<String, Object> values = new HashMap<>();
    int start = packed.position();
    for (int size = packed.getInt(); size > 0; size = packed.getInt()) {
      if (xdr) {
        xdrPair(packed, values);
      } else {
        nativePair(packed, values);
      }
      start = Math.addExact(start, size);
      packed.position(start);
    }
    return values;
  }

  private static void xdrPair(ByteBuffer packed, Map<String, Object> values) {
    packed.getInt();
    String name = text(packed, packed.getInt());
    packed.position((packed.position() + 3) & ~3);
    int type = packed.getInt();
    packed.getInt();
    if (type == TYPE_STRING) {
      values.put(name, text(packed, packed.getInt()));
    } else {
      value(packed, name, type, values);
    }
  }

  private static void nativePair(ByteBuffer packed, Map<String, Object> values) {
    int start = packed.position() - Integer.BYTES;
    int nameSize = packed.getShort();
    packed.getShort();
    packed.getInt();
    int type = packed.getInt();
    String name = terminated(packed);
    packed.position(start + ((16 + nameSize + 7) & ~7));
    if (type == TYPE_STRING) {
      values.put(name, terminated(packed));
    } else {
      value(packed, name, type, values);
    }
  }

  private static void value(ByteBuffer packed, String name, int type, Map<String, Object> values) {
    if (type == TYPE_UINT64) {
      values.put(name, packed.getLong());
    } else if (type == TYPE_BOOLEAN) {
      values.put(name, true);
    }
  }

  private static String text(ByteBuffer packed, int length) {
    if (length < 0 || length > packed.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    packed.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String terminated(ByteBuffer packed) {
    int length = 0;
    while (packed.get(packed.position() + length) != 0) {
      length++;
    }
    return text(packed, length);
  }
}
