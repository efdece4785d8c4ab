package io.replication4j.lvm;

import io.replication4j.lvm.cow.CowHeader;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** How a stream is handed to the script that receives it. */
interface Arrival {

  /**
   * Says what comes.
   *
   * @return what writes the content; empty: the stream itself is passed on
   */
  Optional<VolumeWriter> begin(CowHeader header, StreamIdentity identity, OutputStream out)
      throws IOException;

  /** A line of words. */
  static void say(OutputStream out, Object... words) throws IOException {
    StringBuilder line = new StringBuilder();
    for (Object word : words) {
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    out.write(line.append('\n').toString().getBytes(StandardCharsets.US_ASCII));
  }
}
