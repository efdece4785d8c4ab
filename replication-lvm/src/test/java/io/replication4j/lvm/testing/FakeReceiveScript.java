package io.replication4j.lvm.testing;

import io.replication4j.command.RunningCommand;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The script that receives: acts when its input ends. */
final class FakeReceiveScript implements RunningCommand {

  private static final int INCOMPLETE = 65;
  private static final String EARLY = "replication4j: the stream ended early";

  private final FakeLvm host;
  private final FakeGroup group;
  private final String target;
  private final String incoming;
  private final Optional<String> pool;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Input input = new Input();
  private int status;
  private String errors = "";

  FakeReceiveScript(FakeLvm host, FakeGroup group, List<String> arguments) {
    this.host = host;
    this.group = group;
    this.target = arguments.get(1);
    this.incoming = arguments.get(2);
    this.pool = arguments.size() > 3 ? Optional.of(arguments.get(3)) : Optional.empty();
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
    if (pool.isPresent()) {
      receiveThin(words, in, pool.get());
      return;
    }
    FakeVolume volume = words[0].equals("kept") ? kept(words[3]) : created(words);
    if (words[0].equals("store")) {
      volume.tags.add("r4j.base=" + words[4]);
      volume.tags.add("r4j.chunk=" + words[5]);
      volume.tags.add("r4j.bytes=" + words[6]);
      volume.tags.add("r4j.exceptions=" + words[7]);
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

  private FakeVolume created(String[] words) {
    FakeVolume volume = group.create(incoming, Long.parseLong(words[1]));
    volume.tags.add("r4j.in=" + target);
    volume.tags.add("r4j.id=" + words[3]);
    return volume;
  }

  private FakeVolume kept(String id) {
    FakeVolume volume = group.need(incoming);
    if (!volume.tags.containsAll(List.of("r4j.in=" + target, "r4j.id=" + id))
        || volume.origin.isPresent()) {
      throw new FakeRefusal(66, "replication4j: what was kept is not there any more");
    }
    volume.tags.removeIf(tag -> tag.startsWith("r4j.digest="));
    return volume;
  }

  private void receiveThin(String[] words, InputStream in, String into) {
    long size = Long.parseLong(words[1]);
    FakeVolume volume =
        words[0].equals("patch")
            ? group.thinSnapshot(target, incoming)
            : words[0].equals("kept") ? kept(words[2]) : group.createThin(incoming, size, into);
    volume.tags.add("r4j.in=" + target);
    volume.tags.add("r4j.id=" + words[2]);
    if (words[0].equals("patch")) {
      volume.tags.add("r4j.base=" + words[3]);
      volume.bytes = Math.max(volume.bytes, size);
    }
    if (host.isPoolFull()) {
      throw new FakeRefusal(
          67,
          "replication4j: thin pool vg-pool has too little room (61/512 metadata blocks used,"
              + " 3200/3200 data blocks, 2 more needed)");
    }
    for (String[] piece = line(in).split(" "); ; piece = line(in).split(" ")) {
      switch (piece[0]) {
        case "end":
          volume.tags.add("r4j.digest=" + piece[1]);
          return;
        case "data":
          write(volume, Integer.parseInt(piece[1]), bytes(in, Integer.parseInt(piece[2])));
          break;
        case "zero":
          zero(volume, Long.parseLong(piece[1]), Long.parseLong(piece[2]));
          break;
        default:
          scatter(volume, bytes(in, Integer.parseInt(piece[1])), in);
      }
    }
  }

  private void zero(FakeVolume volume, long offset, long length) {
    int block = FakeVolume.BLOCK * FakeVolume.CHUNK;
    for (long at = offset; at < offset + length; at += FakeVolume.CHUNK) {
      boolean whole = at % block == 0 && at + block <= offset + length;
      if (whole) {
        volume.discard(at / block);
        at += block - FakeVolume.CHUNK;
      } else {
        group.write(volume, at / FakeVolume.CHUNK, new byte[FakeVolume.CHUNK]);
      }
    }
  }

  private void scatter(FakeVolume volume, byte[] table, InputStream in) {
    for (String line : new String(table, StandardCharsets.US_ASCII).lines().toList()) {
      String[] words = line.split(" ");
      if (words[2].equals("linear")) {
        if (group.mapped(words[3].substring("/dev/mapper/".length())) != volume) {
          throw new AssertionError(line);
        }
        write(
            volume, Integer.parseInt(words[4]) * 512, bytes(in, Integer.parseInt(words[1]) * 512));
      }
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
