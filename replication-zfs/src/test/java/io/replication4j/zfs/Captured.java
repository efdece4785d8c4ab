package io.replication4j.zfs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What a real tool once printed. */
final class Captured {

  private Captured() {}

  /** The text of {@code zfs/<path>} among the test's resources. */
  static String text(String path) {
    try (InputStream in = Captured.class.getResourceAsStream("/zfs/" + path)) {
      if (in == null) {
        throw new IllegalArgumentException("no such resource: zfs/" + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
