package io.replication4j.lvm.cow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/** Reads streams from their beginning to their end, in constant memory. */
public final class CowReader {

  private final CheckedInput in;
  private final CowSink sink;

  private CowReader(CheckedInput in, CowSink sink) {
    this.in = in;
    this.sink = sink;
  }

  /**
   * Hands everything in the stream to {@code sink}, and returns when its end was proven; a stream
   * without identity, another program's, has none to prove: what follows its last data chunk is
   * read and ignored. Each area's data has to follow it, as every writer lays it out; the order
   * within the area is free, and that of our streams ascending.
   *
   * @throws CowFormatException if the stream is none, was given up by its kernel, is cut off,
   *     damaged or longer than it says; {@code sink} may have got a part of it by then
   * @throws IOException if {@code in} or {@code sink} says so
   */
  public static CowStats read(ReadableByteChannel in, CowSink sink) throws IOException {
    CowStats stats = readContent(in, sink).stats();
    drain(in);
    return stats;
  }

  /** The same, up to the end of the content: what follows another program's is not read. */
  static Content readContent(ReadableByteChannel in, CowSink sink) throws IOException {
    try (CheckedInput checked = new CheckedInput(in)) {
      return readContent(checked, sink);
    }
  }

  private static Content readContent(CheckedInput checked, CowSink sink) throws IOException {
    Content content = new CowReader(checked, sink).read();
    if (content.stats().verified() && !checked.atEnd()) {
      throw new CorruptCowException("the stream goes on behind its trailer; send it again");
    }
    return content;
  }

  /** The same from a file or device, read ahead; its position is undefined then. */
  static Content readFromFile(ReadableByteChannel in, CowSink sink) throws IOException {
    try (CheckedInput checked = new CheckedInput(new ReadAhead(in))) {
      return readContent(checked, sink);
    }
  }

  /** The same from a device, of which a stream need not take the whole. */
  static Content readFromDevice(ReadableByteChannel in, CowSink sink) throws IOException {
    try (CheckedInput checked = new CheckedInput(new ReadAhead(in))) {
      return new CowReader(checked, sink).read();
    }
  }

  /** Reads to the end, for the sake of who writes. */
  static void drain(ReadableByteChannel in) throws IOException {
    ByteBuffer ignored = ByteBuffer.allocate(1 << 16);
    while (in.read(ignored) >= 0) {
      ignored.clear();
    }
  }

  private Content read() throws IOException {
    CowHeader header = readHeader();
    sink.header(header);
    long exceptions = new AreaReader(in, header, sink).readAll();
    Optional<StreamIdentity> identity = header.identity();
    Content content =
        new Content(
            new CowStats(header, exceptions, identity.isPresent()), in.position(), in.crc32c());
    if (identity.isPresent()) {
      requireTrailer(content, identity.get());
    } else {
      requireForeign();
    }
    return content;
  }

  private CowHeader readHeader() throws IOException {
    ByteBuffer first = in.take(CowHeader.BYTES, "its header");
    CowHeader header = CowHeader.read(first);
    if (!header.valid()) {
      throw new InvalidatedCowException(
          "marked invalid: the snapshot overflowed or failed, and what changed since"
              + " is not known; make a new snapshot and a full copy");
    }
    in.skip(header.geometry().chunkBytes() - CowHeader.BYTES, "its header");
    return header;
  }

  private void requireTrailer(Content content, StreamIdentity identity) throws IOException {
    ByteBuffer sector = in.take(CowTrailer.BYTES, "its trailer");
    CowTrailer found =
        CowTrailer.read(sector)
            .orElseThrow(
                () -> new CorruptCowException("no trailer behind the last chunk; send it again"));
    CowTrailer expected =
        new CowTrailer(content.stats().exceptions(), content.bytes(), content.crc32c());
    if (!found.equals(expected)
        || found.exceptions() != identity.exceptions().orElse(found.exceptions())) {
      throw new CorruptCowException(
          "damaged on its way: what arrived is "
              + describe(expected)
              + ", what was sent "
              + describe(found)
              + "; send it again");
    }
  }

  /** A stream that has a trailer had an identity, too. */
  private void requireForeign() throws IOException {
    if (in.has(CowTrailer.BYTES)
        && CowTrailer.read(in.take(CowTrailer.BYTES, "its trailer")).isPresent()) {
      throw new CorruptCowException("the stream's identity is damaged; send it again");
    }
  }

  private static String describe(CowTrailer trailer) {
    return String.format(
        "%d exceptions, %d bytes, CRC-32C %08x",
        trailer.exceptions(), trailer.bytes(), trailer.crc32c());
  }
}
