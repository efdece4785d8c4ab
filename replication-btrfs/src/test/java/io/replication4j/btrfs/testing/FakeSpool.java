package io.replication4j.btrfs.testing;

import io.replication4j.btrfs.testing.FakeNode.FakeFile;
import io.replication4j.testing.FakeProcess;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A spool, and the scripts that work on it. Every char of its text is a byte. */
final class FakeSpool {

  private static final int WINDOW = 1 << 20;

  private final FakeVolume volume;
  private final String path;

  FakeSpool(FakeVolume volume, String path) {
    this.volume = volume;
    this.path = path;
  }

  static boolean isSpool(String path) {
    return path.contains("/.replication4j/") && path.matches(".*/spool-[^/]*");
  }

  static void removeAll(FakeVolume volume, String directory) {
    volume.files().stream()
        .filter(file -> file.startsWith(directory + "/spool-"))
        .forEach(volume::remove);
  }

  private boolean exists() {
    return volume.find(path).filter(FakeFile.class::isInstance).isPresent();
  }

  byte[] bytes() {
    return exists()
        ? ((FakeFile) volume.need(path)).text().getBytes(StandardCharsets.ISO_8859_1)
        : new byte[0];
  }

  /** {@code stat} and {@code split --filter=sha256sum}. */
  byte[] digests() {
    if (!exists()) {
      return new byte[0];
    }
    byte[] bytes = bytes();
    StringBuilder lines = new StringBuilder().append(bytes.length).append('\n');
    for (int at = 0; at < bytes.length; at += WINDOW) {
      lines.append(digest(Arrays.copyOfRange(bytes, at, Math.min(at + WINDOW, bytes.length))));
    }
    return lines.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String digest(byte[] window) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(window);
      return HexFormat.of().formatHex(digest) + "  -\n";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  FakeProcess.End write(long kept, byte[] stream) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(Arrays.copyOf(bytes(), (int) kept));
    content.writeBytes(stream);
    try {
      volume.write(path, content.toString(StandardCharsets.ISO_8859_1));
      return new FakeProcess.End(0, "");
    } catch (FakeErrno e) {
      return new FakeProcess.End(2, "sh: 1: cannot create " + path + ": " + e.words());
    }
  }

  /**
   * @param parameters the set, the spool, the length, where it is received
   */
  String receive(List<String> parameters) {
    byte[] stream = bytes();
    if (!exists() || !parameters.get(2).equals(String.valueOf(stream.length))) {
      remove();
      throw new FakeRefusal("ERROR: the spool is not the stream that was sent");
    }
    FakeReceiver.begin(volume, parameters.get(0), parameters.get(3));
    FakeReceiver.receive(volume, parameters.get(0), parameters.get(3), stream);
    remove();
    return "";
  }

  private void remove() {
    if (exists()) {
      volume.remove(path);
    }
  }
}
