package io.replication4j.lvm.testing;

import io.replication4j.command.RunningCommand;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/** The script that receives: acts when its input ends. */
final class FakeReceiveScript implements RunningCommand {

  private static final int INCOMPLETE = 65;
  private static final String EARLY = "replication4j: the stream ended early";

  private final FakeLvm host;
  private final FakeGroup group;
  private final String target;
  private final String incoming;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Input input = new Input();
  private int status;
  private String errors = "";

  FakeReceiveScript(FakeLvm host, FakeGroup group, String target, String incoming) {
    this.host = host;
    this.group = group;
    this.target = target;
    this.incoming = incoming;
  }

  private void end() {
    synchronized (host) {
      if (ended.getCount() > 0) {
        try {
          receive(new ByteArrayInputStream(input.toByteArray()));
        } catch (FakeRefusal e) {
          status = e.status();
          errors = String.valueOf(e.getMessage());
        }
        ended.countDown();
      }
    }
  }

  private void receive(InputStream in) {
    String[] words = line(in).split(" ");
    FakeVolume volume = group.create(incoming, Long.parseLong(words[1]));
    volume.tags.add("r4j.in=" + target);
    volume.tags.add("r4j.id=" + words[3]);
    if (words[0].equals("store")) {
      volume.tags.add("r4j.base=" + words[4]);
      volume.tags.add("r4j.chunk=" + words[5]);
      volume.tags.add("r4j.bytes=" + words[6]);
      write(volume, 0, bytes(in, Integer.parseInt(words[2])));
    }
    while (true) {
      String[] piece = line(in).split(" ");
      if (piece[0].equals("end")) {
        volume.tags.add("r4j.digest=" + piece[1]);
        return;
      }
      int length = Integer.parseInt(piece[2]);
      write(
          volume,
          Integer.parseInt(piece[1]),
          piece[0].equals("zero") ? new byte[length] : bytes(in, length));
    }
  }

  private void write(FakeVolume volume, int offset, byte[] bytes) {
    for (int at = 0; at < bytes.length; at += FakeVolume.CHUNK) {
      byte[] chunk = Arrays.copyOfRange(bytes, at, at + FakeVolume.CHUNK);
      group.write(volume, (offset + at) / FakeVolume.CHUNK, chunk);
    }
  }

  private static String line(InputStream in) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int c;
    try {
      while ((c = in.read()) != '\n') {
        if (c < 0) {
          throw new FakeRefusal(INCOMPLETE, EARLY);
        }
        line.write(c);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(InputStream in, int length) {
    try {
      return in.readNBytes(length);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public OutputStream stdin() {
    return input;
  }

  @Override
  public InputStream stdout() {
    return InputStream.nullInputStream();
  }

  @Override
  public String errorTail() {
    return errors;
  }

  @Override
  public int waitFor() throws InterruptedException {
    ended.await();
    return status;
  }

  /** Killed, it has written what had arrived. */
  @Override
  public void close() {
    end();
  }

  /** What it reads. */
  private final class Input extends ByteArrayOutputStream {

    @Override
    public void close() throws IOException {
      super.close();
      end();
    }
  }
}
