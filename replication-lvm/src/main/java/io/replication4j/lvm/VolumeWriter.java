package io.replication4j.lvm;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes what a stream brings as a receiving script reads it. */
interface VolumeWriter {

  /** Content of the volume; positions ascend. */
  void write(long position, ByteBuffer data) throws IOException;

  /** Whether it wants the stream itself, not the content that the stream carries. */
  default boolean takesStream() {
    return false;
  }

  /** The next bytes of the stream. */
  default void stream(byte[] bytes) throws IOException {}

  /** The stream ended early: what came of it is written as far as it came. */
  default void cut() throws IOException {}

  /** Nothing more comes. */
  void finish() throws IOException;
}
