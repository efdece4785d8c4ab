package io.replication4j.lvm.testing;

import io.replication4j.command.RunningCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;

/** The script that answers requests: each as soon as it is complete. */
class FakeSendScript implements RunningCommand {

  private static final int KILLED = 137;
  private static final int PADDING = 2048 * 512;
  private static final int MEBIBYTE = 1 << 20;

  private final FakeLvm host;
  private final FakeGroup group;
  private final ByteArrayOutputStream asked = new ByteArrayOutputStream();
  private final ArrayDeque<byte[]> answers = new ArrayDeque<>();
  private int read;
  private boolean ended;
  private int status;
  private String errors = "";

  FakeSendScript(FakeLvm host, FakeGroup group) {
    this.host = host;
    this.group = group;
  }

  private synchronized void end(int exitStatus, String words) {
    if (!ended) {
      ended = true;
      status = exitStatus;
      errors = words;
    }
    notifyAll();
  }

  private void ask(byte[] bytes, int offset, int length) throws IOException {
    synchronized (host) {
      synchronized (this) {
        if (ended) {
          throw new IOException("Broken pipe");
        }
        asked.write(bytes, offset, length);
        try {
          answerWhatIsComplete();
        } catch (FakeRefusal e) {
          end(e.status(), String.valueOf(e.getMessage()));
        }
        notifyAll();
      }
    }
  }

  private void answerWhatIsComplete() {
    while (true) {
      String text = asked.toString(StandardCharsets.US_ASCII);
      int line = text.indexOf('\n');
      if (line < 0) {
        return;
      }
      String[] words = text.substring(0, line).split(" ");
      int length = words[0].equals("read") ? Integer.parseInt(words[1]) : 0;
      if (text.length() < line + 1 + length) {
        return;
      }
      asked.reset();
      byte[] rest = text.substring(line + 1 + length).getBytes(StandardCharsets.US_ASCII);
      asked.write(rest, 0, rest.length);
      answers.add(answer(words, text.substring(line + 1, line + 1 + length)));
    }
  }

  /** To one request, with what followed it. */
  byte[] answer(String[] words, String table) {
    switch (words[0]) {
      case "occupied":
        return occupied(words).getBytes(StandardCharsets.US_ASCII);
      case "delta":
        return delta(words[1], words[2]).getBytes(StandardCharsets.US_ASCII);
      case "enlarge":
        return enlarged(words[2].substring(words[2].indexOf('/') + 1), Long.parseLong(words[1]));
      case "status":
        return group.mapped(words[1]).status().getBytes(StandardCharsets.US_ASCII);
      default:
        return gathered(table, Integer.parseInt(words[2]));
    }
  }

  private byte[] enlarged(String name, long bytes) {
    int exit = 0;
    try {
      group.enlarge(group.need(name), bytes);
    } catch (FakeRefusal e) {
      exit = e.status();
    }
    return ("enlarged " + exit + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** The mebibytes that are not all zeroes, one by one. */
  private String occupied(String[] words) {
    int at = Integer.parseInt(words[1]);
    int end = Integer.parseInt(words[2]);
    long left = Long.parseLong(words[3]);
    StringBuilder lines = new StringBuilder();
    while (at < end && left > 0) {
      int length = Math.min(MEBIBYTE, end - at);
      byte[] bytes = piece(words[4].substring("/dev/mapper/".length()), at, length);
      if (!Arrays.equals(bytes, new byte[length])) {
        lines.append(at).append(' ').append(length).append('\n');
        left -= length;
      }
      at += length;
    }
    return lines + "end " + at + "\n";
  }

  private String delta(String base, String sent) {
    host.requireMetadata();
    FakeVolume volume = group.mapped(sent);
    String xml = base.equals("-") ? volume.dump() : volume.delta(group.mapped(base));
    return xml + "end 0\n";
  }

  private byte[] gathered(String table, int bytes) {
    ByteArrayOutputStream device = new ByteArrayOutputStream();
    for (String line : table.lines().toList()) {
      String[] words = line.split(" ");
      int length = Integer.parseInt(words[1]) * 512;
      if (Integer.parseInt(words[0]) * 512 != device.size()) {
        throw new FakeRefusal(1, "device-mapper: reload ioctl failed: Invalid argument");
      }
      byte[] piece =
          words[2].equals("zero")
              ? new byte[length]
              : piece(
                  words[3].substring("/dev/mapper/".length()),
                  Integer.parseInt(words[4]) * 512,
                  length);
      device.write(piece, 0, length);
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.writeBytes(("data " + bytes + "\n").getBytes(StandardCharsets.US_ASCII));
    answer.write(device.toByteArray(), PADDING, bytes);
    return answer.toByteArray();
  }

  final byte[] piece(String device, int offset, int length) {
    if (device.endsWith("-cow")) {
      byte[] store = group.mapped(device.substring(0, device.length() - "-cow".length())).store();
      return Arrays.copyOfRange(store, offset, offset + length);
    }
    FakeVolume volume = group.mapped(device);
    byte[] piece = new byte[length];
    for (int at = 0; at < length; at += FakeVolume.CHUNK) {
      byte[] chunk = volume.chunk((offset + at) / FakeVolume.CHUNK);
      System.arraycopy(chunk, 0, piece, at, FakeVolume.CHUNK);
    }
    return piece;
  }

  @Override
  public OutputStream stdin() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        ask(bytes, offset, length);
      }

      @Override
      public void close() {
        end(0, "");
      }
    };
  }

  @Override
  public InputStream stdout() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        return answer(bytes, offset, length);
      }
    };
  }

  private synchronized int answer(byte[] bytes, int offset, int length) throws IOException {
    while (answers.isEmpty() && !ended) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    byte[] first = answers.peek();
    if (first == null) {
      return -1;
    }
    int n = Math.min(length, first.length - read);
    System.arraycopy(first, read, bytes, offset, n);
    read += n;
    if (read == first.length) {
      answers.remove();
      read = 0;
    }
    return n;
  }

  @Override
  public synchronized String errorTail() {
    return errors;
  }

  @Override
  public synchronized int waitFor() throws InterruptedException {
    while (!ended) {
      wait();
    }
    return status;
  }

  @Override
  public void close() {
    end(KILLED, "");
  }
}
