package io.replication4j.lvm;

import io.replication4j.NoSpaceException;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.lvm.cow.ByteSource;
import io.replication4j.lvm.cow.ChunkRange;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Devices of the source's host, read by asking {@link LvmCommands#SEND_SCRIPT}. One thread, one
 * question at a time.
 */
final class SourceDevices {

  /** As many pieces as the kernel takes without a thought. */
  private static final int PIECES = 2048;

  private static final long BYTES = 64L << 20;
  private static final int LONGEST_LINE = 1 << 10;
  private static final Pattern PIECE = Pattern.compile("end (\\d{1,18})|(\\d{1,18}) (\\d{1,18})");

  private final InputStream answers;
  private final OutputStream questions;
  private Optional<FillWatch<IOException>> fillWatch = Optional.empty();

  /** How much of the chunks that were asked for last is still to come. */
  private long unread;

  private long asked;

  SourceDevices(InputStream answers, OutputStream questions) {
    this.answers = answers;
    this.questions = questions;
  }

  /** Called between two questions, while a long read goes on. */
  interface Watch {
    void look() throws IOException;
  }

  StoreStatus status(Volume snapshot) throws IOException {
    ask("status " + snapshot.mapped() + "\n");
    return StoreStatus.parse(line(snapshot));
  }

  /**
   * The snapshot gets room before it overflows, as long as its group has some; throws {@link
   * NoSpaceException} when it has none.
   */
  void keepRoom(Volume snapshot, LvmOptions options) throws IOException {
    FillWatch<IOException> watch = fillWatch.orElseGet(() -> watching(options));
    fillWatch = Optional.of(watch);
    watch.look(snapshot);
  }

  private FillWatch<IOException> watching(LvmOptions options) {
    return new FillWatch<>(
        options,
        new FillWatch.Stores<>() {

          @Override
          public StoreStatus status(Volume snapshot) throws IOException {
            return SourceDevices.this.status(snapshot);
          }

          @Override
          public boolean enlarge(Volume snapshot, long bytes) throws IOException {
            ask("enlarge " + bytes + " " + snapshot.path() + "\n");
            return line(snapshot).equals("enlarged 0");
          }
        });
  }

  /**
   * A piece of a device, in bytes.
   *
   * @param length 0: the end of what was looked through
   */
  record Piece(long offset, long length) {}

  /**
   * The pieces between {@code from} and {@code end} that hold something else than zeroes,
   * ascending, whole mebibytes but for the last one of the device; behind them, where the look
   * ended: at {@code end}, or when they came to {@code most} bytes.
   */
  List<Piece> occupied(String device, long from, long end, long most) throws IOException {
    ask("occupied " + from + " " + end + " " + most + " " + device + "\n");
    List<Piece> pieces = new ArrayList<>();
    Matcher line;
    do {
      String text = line(device);
      line = PIECE.matcher(text);
      if (!line.matches()) {
        throw new UnexpectedOutputException("'" + text + "' for a piece of " + device, null);
      }
      pieces.add(
          line.group(1) != null
              ? new Piece(Long.parseLong(line.group(1)), 0)
              : new Piece(Long.parseLong(line.group(2)), Long.parseLong(line.group(3))));
    } while (line.group(1) == null);
    return pieces;
  }

  private String line(Object of) throws IOException {
    StringBuilder line = new StringBuilder();
    int c;
    while ((c = answers.read()) != '\n' && line.length() < LONGEST_LINE) {
      if (c < 0) {
        throw new EOFException("the source's host said nothing more of " + of);
      }
      line.append((char) c);
    }
    return line.toString();
  }

  /** What a thin volume does not share with its base; without one, what it has. */
  void delta(Optional<Volume> base, Volume sent, ThinDelta.Ranges ranges) throws IOException {
    ask("delta " + base.map(Volume::mapped).orElse("-") + " " + sent.mapped() + "\n");
    ThinDelta.Answer answer = new ThinDelta.Answer(answers);
    ThinDelta.parse(answer, ranges);
    answer.transferTo(OutputStream.nullOutputStream());
  }

  /** What nobody wanted to read of the answer before is passed over. */
  private void ask(String question) throws IOException {
    answers.skipNBytes(unread);
    unread = 0;
    asked++;
    questions.write(question.getBytes(StandardCharsets.US_ASCII));
    questions.flush();
  }

  /**
   * The bytes of these chunks, one after the other: reads must be in their order, and only of them.
   */
  ByteSource chunks(
      String device,
      CowGeometry geometry,
      Iterator<ChunkRange> ranges,
      long deviceBytes,
      Watch watch) {
    return new ByteSource() {

      private Optional<ChunkRange> rest = Optional.empty();
      private final byte[] buffer = new byte[64 << 10];

      // which question was about these chunks, and how much of its answer is still to come
      private long question;
      private long own;

      @Override
      public void read(long position, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
          if (own == 0) {
            askForMore();
          }
          if (question != asked) {
            throw new IllegalStateException(
                "something else was asked while " + device + " is read");
          }
          int wanted = (int) Math.min(Math.min(into.remaining(), buffer.length), own);
          int got = answers.read(buffer, 0, wanted);
          if (got < 0) {
            throw new EOFException("the source's host ended while it read " + device);
          }
          into.put(buffer, 0, got);
          own -= got;
          unread = own;
        }
      }

      private void askForMore() throws IOException {
        List<ChunkRange> pieces = new ArrayList<>();
        long most = Math.max(1, BYTES / geometry.chunkBytes());
        long room = most;
        while (room > 0 && pieces.size() < PIECES && (rest.isPresent() || ranges.hasNext())) {
          ChunkRange range = rest.isPresent() ? rest.get() : ranges.next();
          long taken = Math.min(room, range.count());
          pieces.add(new ChunkRange(range.first(), taken));
          rest =
              taken == range.count()
                  ? Optional.empty()
                  : Optional.of(new ChunkRange(range.first() + taken, range.count() - taken));
          room -= taken;
        }
        if (pieces.isEmpty()) {
          throw new EOFException("nothing more of " + device);
        }
        watch.look();
        Gather gather = Gather.of(device, geometry, pieces, deviceBytes);
        ask(gather.request());
        String text = line(device);
        if (!text.equals("data " + gather.bytes())) {
          throw new UnexpectedOutputException(
              "'" + text + "' before " + gather.bytes() + " bytes of " + device, null);
        }
        question = asked;
        own = gather.bytes();
        unread = own;
      }
    };
  }
}
