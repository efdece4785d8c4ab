package io.replication4j.btrfs.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The send stream format, version 1: commands with attributes, little endian, each with a checksum.
 */
final class FakeFrames {

  static final int SUBVOLUME = 1;
  static final int SNAPSHOT = 2;
  static final int MAKE_FILE = 3;
  static final int MAKE_DIRECTORY = 4;
  static final int UNLINK = 11;
  static final int REMOVE_DIRECTORY = 12;
  static final int WRITE = 15;
  static final int TRUNCATE = 17;
  static final int TIMES = 20;
  static final int END = 21;
  static final int UPDATE_EXTENT = 22;

  static final int UUID_ATTRIBUTE = 1;
  static final int GENERATION = 2;
  static final int INODE = 3;
  static final int SIZE = 4;
  static final int CHANGED = 9;
  static final int MODIFIED = 10;
  static final int ACCESSED = 11;
  static final int PATH = 15;
  static final int OFFSET = 18;
  static final int DATA = 19;
  static final int CLONE_UUID = 20;
  static final int CLONE_GENERATION = 21;

  static final byte[] HEADER = "btrfs-stream\0\1\0\0\0".getBytes(StandardCharsets.US_ASCII);
  static final int HEAD = 10;

  private static final int POLYNOMIAL = 0x82F63B78;

  private FakeFrames() {}

  /** One command, built attribute by attribute. */
  static final class Builder {

    private final int type;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Builder(int type) {
      this.type = type;
    }

    Builder bytes(int attribute, byte[] value) {
      body.writeBytes(little(4).putShort((short) attribute).putShort((short) value.length).array());
      body.writeBytes(value);
      return this;
    }

    Builder text(int attribute, String value) {
      return bytes(attribute, value.getBytes(StandardCharsets.UTF_8));
    }

    Builder number(int attribute, long value) {
      return bytes(attribute, little(8).putLong(value).array());
    }

    Builder uuid(int attribute, String value) {
      UUID uuid = UUID.fromString(value);
      ByteBuffer buffer = ByteBuffer.allocate(16);
      return bytes(
          attribute,
          buffer
              .putLong(uuid.getMostSignificantBits())
              .putLong(uuid.getLeastSignificantBits())
              .array());
    }

    /** Seconds and nanoseconds. */
    Builder time(int attribute, long value) {
      return bytes(attribute, little(12).putLong(value).putInt(0).array());
    }

    byte[] build() {
      byte[] attributes = body.toByteArray();
      ByteBuffer head = little(HEAD).putInt(attributes.length).putShort((short) type).putInt(0);
      int checksum = checksum(checksum(0, head.array()), attributes);
      byte[] frame = new byte[HEAD + attributes.length];
      System.arraycopy(head.putInt(6, checksum).array(), 0, frame, 0, HEAD);
      System.arraycopy(attributes, 0, frame, HEAD, attributes.length);
      return frame;
    }
  }

  /** One command as it was read. */
  record Frame(int type, Map<Integer, byte[]> attributes) {

    byte[] bytes(int attribute) {
      return attributes.getOrDefault(attribute, new byte[0]);
    }

    String text(int attribute) {
      return new String(bytes(attribute), StandardCharsets.UTF_8);
    }

    long number(int attribute) {
      return little(bytes(attribute)).getLong();
    }

    String uuid(int attribute) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes(attribute));
      return new UUID(buffer.getLong(), buffer.getLong()).toString();
    }
  }

  static int length(byte[] head) {
    return little(head).getInt();
  }

  static Frame frame(byte[] head, byte[] body) {
    int claimed = little(head).getInt(6);
    if (claimed != checksum(checksum(0, little(head.clone()).putInt(6, 0).array()), body)) {
      throw new FakeRefusal("ERROR: crc32 mismatch in command");
    }
    Map<Integer, byte[]> attributes = new HashMap<>();
    ByteBuffer buffer = little(body);
    while (buffer.hasRemaining()) {
      int attribute = buffer.getShort();
      byte[] value = new byte[Short.toUnsignedInt(buffer.getShort())];
      buffer.get(value);
      attributes.put(attribute, value);
    }
    return new Frame(little(head).getShort(4), attributes);
  }

  /** CRC-32C without inversions. */
  private static int checksum(int start, byte[] bytes) {
    int crc = start;
    for (byte b : bytes) {
      crc ^= b & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
      }
    }
    return crc;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
