package io.replication4j.lvm;

import io.replication4j.UnexpectedOutputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads what thin_delta(8) and thin_dump(8) print: which blocks two thin volumes do not share, or
 * which one has. Attributes that are not needed may be there or not: they differ between releases
 * (seen: 0.9.0). Memory does not grow with it. Pure.
 */
final class ThinDelta {

  private static final int LONGEST_END = 32;
  private static final int BUFFER = 8 << 10;

  private ThinDelta() {}

  /** Takes bytes {@code from} to {@code to} of a volume. */
  interface Ranges {
    void add(long from, long to);
  }

  /**
   * Passes on every range that differs: in the order of the output, those that only one of the two
   * has included.
   *
   * @throws UnexpectedOutputException if it cannot be read, or does not end as it should
   */
  static void parse(InputStream xml, Ranges ranges) throws IOException {
    try {
      XMLStreamReader reader = factory().createXMLStreamReader(xml, "UTF-8");
      long block = 0;
      boolean whole = false;
      while (reader.hasNext()) {
        int event = reader.next();
        if (event == XMLStreamConstants.START_ELEMENT) {
          block = element(reader, block, ranges);
        } else if (event == XMLStreamConstants.END_ELEMENT) {
          whole = reader.getLocalName().equals("superblock");
        }
      }
      if (!whole) {
        throw new UnexpectedOutputException("thin_delta printed no superblock", null);
      }
    } catch (XMLStreamException | NumberFormatException e) {
      throw new UnexpectedOutputException(
          "thin_delta printed what cannot be read: " + e.getMessage(), e);
    }
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory;
  }

  /** The size of a block from then on, in bytes. */
  private static long element(XMLStreamReader reader, long block, Ranges ranges) {
    switch (reader.getLocalName()) {
      case "superblock":
        return number(reader, "data_block_size") * 512;
      case "different":
      case "left_only":
      case "right_only":
        add(reader, "begin", "length", block, ranges);
        break;
      case "range_mapping":
        add(reader, "origin_begin", "length", block, ranges);
        break;
      case "single_mapping":
        long only = number(reader, "origin_block") * block;
        ranges.add(only, only + block);
        break;
      default: // what both have, and what stands around
    }
    return block;
  }

  private static void add(
      XMLStreamReader reader, String begin, String length, long block, Ranges ranges) {
    long from = number(reader, begin) * block;
    ranges.add(from, from + number(reader, length) * block);
  }

  private static long number(XMLStreamReader reader, String attribute) {
    String value = reader.getAttributeValue(null, attribute);
    if (value == null) {
      throw new UnexpectedOutputException(
          "thin_delta printed <" + reader.getLocalName() + "> without " + attribute, null);
    }
    return Long.parseUnsignedLong(value);
  }

  /**
   * An answer that goes on until a line {@code end STATUS}, which is read too; what follows is
   * left. Ends only if the status is 0.
   */
  static final class Answer extends InputStream {

    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private ByteArrayInputStream ready = new ByteArrayInputStream(new byte[0]);
    private boolean ended;

    Answer(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      fill();
      return ready.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      fill();
      return ready.read(bytes, offset, length);
    }

    private void fill() throws IOException {
      while (ready.available() == 0 && !ended) {
        line.reset();
        int c;
        do {
          c = in.read();
          if (c < 0) {
            throw new EOFException("the source's host ended while it compared");
          }
          line.write(c);
        } while (c != '\n' && line.size() < BUFFER);
        take();
      }
    }

    private void take() throws EOFException {
      String end =
          line.size() < LONGEST_END ? line.toString(StandardCharsets.US_ASCII).strip() : "";
      if (!end.startsWith("end ")) {
        ready = new ByteArrayInputStream(line.toByteArray());
      } else if (end.equals("end 0")) {
        ended = true;
      } else {
        throw new EOFException("the source's host could not compare: " + end);
      }
    }
  }
}
