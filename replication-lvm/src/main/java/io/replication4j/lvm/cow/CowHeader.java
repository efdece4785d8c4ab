package io.replication4j.lvm.cow;

import io.replication4j.VersionId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * The header chunk of a store. The kernel reads its first 16 bytes; our identity lies from byte 64
 * on, in the first sector, so that every chunk size has room for it.
 *
 * @param valid false: the kernel gave the snapshot up, because its store overflowed or failed
 * @param geometry from the chunk size
 * @param identity what our streams say of themselves; empty: another program's, which cannot be
 *     verified
 */
public record CowHeader(boolean valid, CowGeometry geometry, Optional<StreamIdentity> identity) {

  /** The bytes that hold everything; the rest of the chunk is zero. */
  public static final int BYTES = CowGeometry.SECTOR_BYTES;

  /** "SnAp", little endian. */
  public static final int MAGIC = 0x70416e53;

  /** The only version there is. */
  public static final int VERSION = 1;

  private static final int IDENTITY_AT = 64;
  private static final int CHECKSUM_AT = IDENTITY_AT + 12;
  private static final long IDENTITY_MAGIC = 0x41544c45444a3452L; // "R4JDELTA", little endian
  private static final short IDENTITY_VERSION = 1;
  private static final long UNCOUNTED = -1;
  private static final int HAS_BASE = 1;
  private static final int HAS_TARGET = 2;

  /**
   * Reads a header from the first {@link #BYTES} bytes of a store: those from the position of
   * {@code bytes} on, which does not move.
   *
   * @throws NotCowException if this is no store
   * @throws UnsupportedCowException for another version, or a chunk size that the kernel refuses
   * @throws CorruptCowException if our part of it is damaged
   */
  public static CowHeader read(ByteBuffer bytes) {
    ByteBuffer sector = bytes.slice(bytes.position(), BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int magic = sector.getInt(0);
    if (magic != MAGIC) {
      throw new NotCowException(
          String.format(
              "not a copy-on-write store: it begins with 0x%08x, not with 0x%08x", magic, MAGIC));
    }
    int version = sector.getInt(8);
    if (version != VERSION) {
      throw new UnsupportedCowException(
          "store of version " + Integer.toUnsignedString(version) + "; only version 1 is known");
    }
    return new CowHeader(sector.getInt(4) != 0, geometry(sector.getInt(12)), readIdentity(sector));
  }

  private static CowGeometry geometry(int sectors) {
    long chunkBytes = Integer.toUnsignedLong(sectors) * CowGeometry.SECTOR_BYTES;
    if (!CowGeometry.isLegal(chunkBytes)) {
      throw new UnsupportedCowException(
          "chunks of "
              + Integer.toUnsignedString(sectors)
              + " sectors: not a power of two up to 1 GiB");
    }
    return new CowGeometry((int) chunkBytes);
  }

  private static Optional<StreamIdentity> readIdentity(ByteBuffer sector) {
    if (sector.getLong(IDENTITY_AT) != IDENTITY_MAGIC) {
      return Optional.empty();
    }
    if (sector.getInt(CHECKSUM_AT) != checksum(sector)) {
      throw new CorruptCowException(
          "the stream's identity is damaged: its checksum does not fit; send it again");
    }
    sector.position(IDENTITY_AT + 8);
    short version = sector.getShort();
    if (version != IDENTITY_VERSION) {
      throw new UnsupportedCowException(
          "the stream was made by a newer version of this library (identity " + version + ")");
    }
    int has = sector.getShort();
    sector.getInt(); // the checksum
    long originBytes = sector.getLong();
    long exceptions = sector.getLong();
    int baseBytes = Short.toUnsignedInt(sector.getShort());
    int targetBytes = Short.toUnsignedInt(sector.getShort());
    try {
      Optional<VersionId> base = id(sector, baseBytes, (has & HAS_BASE) != 0);
      Optional<VersionId> target = id(sector, targetBytes, (has & HAS_TARGET) != 0);
      return Optional.of(
          new StreamIdentity(
              base,
              target,
              originBytes,
              exceptions == UNCOUNTED ? OptionalLong.empty() : OptionalLong.of(exceptions)));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new CorruptCowException("the stream's identity makes no sense: " + e.getMessage());
    }
  }

  private static Optional<VersionId> id(ByteBuffer sector, int length, boolean present)
      throws CharacterCodingException {
    if (length > sector.remaining()) {
      throw new IllegalArgumentException("an id of " + length + " bytes");
    }
    ByteBuffer id = sector.slice(sector.position(), length);
    sector.position(sector.position() + length);
    return present
        ? Optional.of(VersionId.of(StandardCharsets.UTF_8.newDecoder().decode(id).toString()))
        : Optional.empty();
  }

  /** Of the identity's part of the sector, the checksum itself taken as zero. */
  private static int checksum(ByteBuffer sector) {
    ByteBuffer copy = ByteBuffer.allocate(BYTES - IDENTITY_AT);
    copy.put(sector.slice(IDENTITY_AT, copy.capacity()));
    copy.putInt(CHECKSUM_AT - IDENTITY_AT, 0);
    CRC32C crc = new CRC32C();
    crc.update(copy.flip());
    return (int) crc.getValue();
  }

  /** Writes the first {@link #BYTES} bytes of the chunk. */
  void write(ByteBuffer into) {
    ByteBuffer sector = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    sector.putInt(MAGIC).putInt(valid ? 1 : 0).putInt(VERSION).putInt(geometry.chunkSectors());
    identity.ifPresent(told -> write(told, sector));
    into.put(sector.clear());
  }

  private static void write(StreamIdentity identity, ByteBuffer sector) {
    byte[] base = bytes(identity.base());
    byte[] target = bytes(identity.target());
    int has =
        (identity.base().isPresent() ? HAS_BASE : 0)
            | (identity.target().isPresent() ? HAS_TARGET : 0);
    sector.position(IDENTITY_AT);
    sector.putLong(IDENTITY_MAGIC).putShort(IDENTITY_VERSION).putShort((short) has).putInt(0);
    sector.putLong(identity.originBytes()).putLong(identity.exceptions().orElse(UNCOUNTED));
    sector.putShort((short) base.length).putShort((short) target.length).put(base).put(target);
    sector.putInt(CHECKSUM_AT, checksum(sector));
  }

  private static byte[] bytes(Optional<VersionId> id) {
    return id.map(VersionId::value).orElse("").getBytes(StandardCharsets.UTF_8);
  }
}
