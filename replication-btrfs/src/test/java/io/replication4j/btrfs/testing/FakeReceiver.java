package io.replication4j.btrfs.testing;

import io.replication4j.btrfs.testing.FakeFrames.Frame;
import io.replication4j.btrfs.testing.FakeNode.FakeFile;
import io.replication4j.btrfs.testing.FakeNode.FakeSubvolume;
import io.replication4j.btrfs.testing.FakeVolume.Located;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * {@code btrfs receive}: takes streams one after the other. What is cut stays as far as it came:
 * writable, and without the mark of a received subvolume. The end of the input between two streams
 * is success.
 */
final class FakeReceiver {

  private final FakeVolume volume;
  private final String directory;
  private final byte[] input;
  private int at;

  private FakeReceiver(FakeVolume volume, String directory, byte[] input) {
    this.volume = volume;
    this.directory = directory;
    this.input = input.clone();
  }

  /** The script's beginning. */
  static void begin(FakeVolume volume, String set, String receiving) {
    if (volume.find(set).isPresent() && volume.find(receiving).isEmpty()) {
      volume.move(set, receiving);
    } else {
      volume.makeDirectories(receiving);
    }
  }

  /** The rest of it: what arrived is the set, also if the stream was cut. */
  static void receive(FakeVolume volume, String set, String receiving, byte[] input) {
    try {
      new FakeReceiver(volume, receiving, input).receive();
    } finally {
      volume.move(receiving, set);
    }
  }

  private void receive() {
    if (input.length == 0) {
      throw new FakeRefusal("ERROR: empty stream is not considered valid");
    }
    while (at < input.length) {
      if (!Arrays.equals(read(FakeFrames.HEADER.length), FakeFrames.HEADER)) {
        throw new FakeRefusal("ERROR: unexpected header");
      }
      receiveOne();
    }
  }

  private byte[] read(int length) {
    int left = input.length - at;
    if (left == 0 && length > 0) {
      throw new FakeRefusal("ERROR: unexpected EOF in stream");
    }
    if (left < length) {
      throw new FakeRefusal("ERROR: short read from stream: expected " + length + " read " + left);
    }
    at += length;
    return Arrays.copyOfRange(input, at - length, at);
  }

  private Frame next() {
    byte[] head = read(FakeFrames.HEAD);
    return FakeFrames.frame(head, read(FakeFrames.length(head)));
  }

  private void receiveOne() {
    Frame first = next();
    String path = directory + "/" + first.text(FakeFrames.PATH);
    FakeSubvolume subvolume = begin(first, path);
    for (Frame frame = next(); frame.type() != FakeFrames.END; frame = next()) {
      String name = frame.text(FakeFrames.PATH);
      try {
        apply(frame, name.isEmpty() ? path : path + "/" + name);
      } catch (FakeErrno e) {
        throw new FakeRefusal(
            "ERROR: command " + frame.type() + " on " + name + " failed: " + e.words());
      }
    }
    volume.finishReceive(subvolume, first.uuid(FakeFrames.UUID_ATTRIBUTE));
  }

  private FakeSubvolume begin(Frame first, String path) {
    boolean whole = first.type() == FakeFrames.SUBVOLUME;
    Optional<FakeSubvolume> base =
        whole ? Optional.empty() : Optional.of(base(first.uuid(FakeFrames.CLONE_UUID)));
    try {
      return whole
          ? volume.createSubvolume(path)
          : volume.snapshot(base.orElseThrow(), path, false);
    } catch (FakeErrno e) {
      String name = first.text(FakeFrames.PATH);
      throw new FakeRefusal(
          whole
              ? "ERROR: creating subvolume " + name + " failed: " + e.words()
              : "ERROR: creating snapshot " + name + " failed: " + e.words());
    }
  }

  private FakeSubvolume base(String identity) {
    return volume.subvolumes().stream()
        .map(Located::subvolume)
        .filter(s -> s.receivedUuid.filter(identity::equals).isPresent())
        .findFirst()
        .or(() -> volume.withUuid(identity))
        .orElseThrow(() -> new FakeRefusal("ERROR: cannot find parent subvolume"));
  }

  private void apply(Frame frame, String path) {
    switch (frame.type()) {
      case FakeFrames.MAKE_FILE -> volume.write(path, "");
      case FakeFrames.MAKE_DIRECTORY -> volume.makeDirectory(path);
      case FakeFrames.UNLINK, FakeFrames.REMOVE_DIRECTORY -> volume.remove(path);
      case FakeFrames.TRUNCATE -> volume.write(path, "");
      case FakeFrames.WRITE -> append(path, frame.bytes(FakeFrames.DATA));
      case FakeFrames.TIMES -> volume.setTime(path, frame.number(FakeFrames.MODIFIED));
      default -> throw new FakeRefusal("ERROR: unexpected command " + frame.type());
    }
  }

  /** Texts of the tests are ASCII at the places where they are cut into commands. */
  private void append(String path, byte[] data) {
    if (volume.need(path) instanceof FakeFile file) {
      volume.write(path, file.text() + new String(data, StandardCharsets.UTF_8));
    }
  }
}
