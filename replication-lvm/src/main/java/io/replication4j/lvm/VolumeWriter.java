package io.replication4j.lvm;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes a volume's content as a receiving script reads it. */
interface VolumeWriter {

  /** Positions ascend. */
  void write(long position, ByteBuffer data) throws IOException;

  /** Nothing more comes. */
  void finish() throws IOException;
}
