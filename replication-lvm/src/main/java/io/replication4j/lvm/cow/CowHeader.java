package io.replication4j.lvm.cow;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The header chunk of a store.
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

  /**
   * Reads a header from the first {@link #BYTES} bytes of a store. The position of {@code bytes}
   * moves behind them.
   *
   * @throws NotCowException if this is no store
   * @throws UnsupportedCowException for another version, or a chunk size that the kernel refuses
   * @throws CorruptCowException if our part of it is damaged
   */
  public static CowHeader read(ByteBuffer bytes) {
    throw new UnsupportedOperationException();
  }
}
