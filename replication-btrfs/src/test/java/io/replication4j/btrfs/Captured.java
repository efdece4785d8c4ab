package io.replication4j.btrfs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What btrfs-progs 6.2 on Linux 6.18 really printed. */
final class Captured {

  private Captured() {}

  static byte[] bytes(String name) {
    try (InputStream in = Captured.class.getResourceAsStream("/btrfs/6.2/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("not captured: " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }
}
