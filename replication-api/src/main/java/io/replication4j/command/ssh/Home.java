package io.replication4j.command.ssh;

import java.nio.file.Path;

/** The files of the user of this JVM. */
final class Home {

  private Home() {}

  static Path directory() {
    return Path.of(System.getProperty("user.home", "/"));
  }

  static Path ssh(String name) {
    return directory().resolve(".ssh").resolve(name);
  }

  static String user() {
    return System.getProperty("user.name", "root");
  }
}
