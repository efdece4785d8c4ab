package io.replication4j.lvm;

import io.replication4j.UnsupportedException;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowHeader;
import io.replication4j.lvm.cow.CowReader;
import io.replication4j.lvm.cow.CowSink;
import io.replication4j.lvm.cow.StreamIdentity;
import io.replication4j.lvm.cow.TruncatedCowException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Passes a stream on to the script that receives it: as it is, to become a snapshot's store, or as
 * the content of a volume. Only a stream that arrived whole, by its own checksum, gets the word
 * that ends it there.
 *
 * @param target for messages
 * @param targetBytes the size of the target; empty: there is none
 * @param arrival how the script is told
 */
record StreamReceiver(String target, Optional<Long> targetBytes, Arrival arrival) {

  void receive(RunningCommand host, ReadableByteChannel in) throws IOException {
    OutputStream out = host.stdin();
    Passage passage = new Passage(in, out);
    try {
      CowReader.read(passage, passage);
    } catch (TruncatedCowException e) {
      passage.cut();
      return; // the script says so, with a status of its own
    }
    passage.finish();
    out.write(("end " + passage.digest() + "\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** A volume that is smaller than what it is sent to never follows: that would cut the target. */
  static UnsupportedException shrunk(String what, long bytes, String other, long more) {
    return new UnsupportedException(
        what
            + " has "
            + bytes
            + " bytes now, less than "
            + other
            + " ("
            + more
            + "): a volume that was made smaller is not followed; nothing was changed. Make it as"
            + " large again (lvextend), or give the target another name (lvrename) and destroy the"
            + " pair's snapshots at the source, to send everything anew",
        null);
  }

  /** The stream on its way; what is read ahead of the header waits until it is known. */
  private final class Passage implements ReadableByteChannel, CowSink {

    private final ReadableByteChannel in;
    private final OutputStream out;
    private final ByteArrayOutputStream ahead = new ByteArrayOutputStream();
    private Optional<VolumeWriter> writer = Optional.empty();
    private final StreamDigest digest = new StreamDigest();
    private boolean known;
    private CowGeometry geometry = CowGeometry.ofDefaultChunks();

    Passage(ReadableByteChannel in, OutputStream out) {
      this.in = in;
      this.out = out;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      int start = into.position();
      int got = in.read(into);
      if (got > 0) {
        digest.update(into.duplicate().flip().position(start));
      }
      if (got > 0 && (writer.isEmpty() || writer.get().takesStream())) {
        byte[] bytes = new byte[got];
        into.duplicate().position(start).get(bytes);
        passOn(bytes);
      }
      return got;
    }

    private void passOn(byte[] bytes) throws IOException {
      if (!known) {
        ahead.write(bytes);
      } else if (writer.isPresent()) {
        writer.get().stream(bytes);
      } else {
        out.write(bytes);
      }
    }

    @Override
    public void header(CowHeader header) throws IOException {
      StreamIdentity identity =
          header
              .identity()
              .filter(i -> i.target().isPresent())
              .orElseThrow(
                  () ->
                      new UnsupportedException(
                          "a stream that does not say what it is cannot be received as a version of"
                              + " "
                              + target
                              + "; apply it with dds --merge",
                          null));
      geometry = header.geometry();
      known = true;
      if (identity.base().isPresent()) {
        requireSize(identity.originBytes());
      }
      writer = arrival.begin(header, identity, out);
      if (writer.isEmpty() || writer.get().takesStream()) {
        passOn(ahead.toByteArray());
      }
      ahead.reset();
    }

    private void requireSize(long bytes) {
      if (targetBytes.filter(has -> has > bytes).isPresent()) {
        throw shrunk("the source of " + target, bytes, "the target", targetBytes.get());
      }
    }

    @Override
    public void data(long position, ByteBuffer data) throws IOException {
      if (writer.isPresent()) {
        writer.get().write(position, data);
      }
    }

    String digest() {
      return digest.value(geometry);
    }

    void cut() throws IOException {
      if (writer.isPresent()) {
        writer.get().cut();
      }
    }

    void finish() throws IOException {
      if (writer.isPresent()) {
        writer.get().finish();
      }
    }

    @Override
    public boolean isOpen() {
      return in.isOpen();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
